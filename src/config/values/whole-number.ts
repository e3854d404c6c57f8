/** Whole numbers within bounds. */
import * as v from "valibot";
import { complain, packed } from "../complaint.ts";

/** A schema for an integer between two, both included. */
export function wholeNumberBetween(min: number, max: number) {
  const complaint = packed(complain("is no whole number in range", `Write one from ${min} to ${max}, without quotes.`));
  return v.pipe(v.number(complaint), v.integer(complaint), v.minValue(min, complaint), v.maxValue(max, complaint));
}
