/** Whole numbers within bounds. */
import { complain } from "../complaint.ts";
import type { Schema } from "../schema.ts";

/** A schema for an integer between two, both included. */
export function wholeNumberBetween(min: number, max: number): Schema<number> {
  return (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? value
      : complain("is no whole number in range", `Write one from ${min} to ${max}, without quotes.`);
}
