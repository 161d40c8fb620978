type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** What was given: an object to spread over defaults, without the keys that hold nothing. */
export function definedOf<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}
