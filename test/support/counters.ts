/** Bindings that count their round trips: the claims about I/O are counted, not believed. */

export type Counters = { d1: number; kvGet: number; kvPut: number; kvDelete: number };

export function countingDatabase(database: D1Database, calls: Counters): D1Database {
  const countStatement = (statement: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(statement, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        if (property === "bind") return (...values: unknown[]) => countStatement(target.bind(...values));
        return (...parameters: unknown[]) => {
          if (["run", "all", "first", "raw"].includes(String(property))) calls.d1++;
          return value.apply(target, parameters);
        };
      },
    });
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(countStatement(statement), {
      get(target, property) {
        if (property !== "bind") return Reflect.get(target, property);
        return (...values: unknown[]) => {
          const bound = statement.bind(...values);
          const counted = countStatement(bound);
          originals.set(counted, bound);
          return counted;
        };
      },
    });
    originals.set(wrapped, statement);
    return wrapped;
  };
  return new Proxy(database, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => wrap(target.prepare(sql));
      if (property === "batch") {
        return (statements: D1PreparedStatement[]) => {
          calls.d1++;
          return target.batch(statements.map((statement) => originals.get(statement) ?? statement));
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export function countingNamespace(namespace: KVNamespace, calls: Counters): KVNamespace {
  const counted: Record<string, keyof Counters> = { get: "kvGet", list: "kvGet", put: "kvPut", delete: "kvDelete" };
  return new Proxy(namespace, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        const counter = counted[String(property)];
        if (counter !== undefined) calls[counter]++;
        return value.apply(target, parameters);
      };
    },
  });
}
