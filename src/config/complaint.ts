/** Readers answer with a value or with a complaint in words: what is wrong, and what to do about it. */

export type Complaint = { problem: string; remedy: string };
export type Read<T> = { value: T } | Complaint;

/** Makes a complaint; both texts are whole sentences or ends of one that begins with the key. */
export function complain(problem: string, remedy: string): Complaint {
  return { problem, remedy };
}
