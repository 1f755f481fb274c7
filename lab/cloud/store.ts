import { randomInt } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import path from "node:path";

import { open, type Database, type RootDatabase } from "lmdb";

import { internalError } from "./errors";
import type { BaseRecord, Tables } from "./records";

const tableNames: readonly (keyof Tables)[] = [
  "vpcs",
  "subnets",
  "routeTables",
  "securityGroups",
  "haVips",
  "addresses",
  "natGateways",
  "instances",
  "disks",
  "placementGroups",
  "keyPairs",
  "privateZones",
  "privateRecords",
  "roles",
  "camPolicies",
  "rolePolicies",
  "loadBalancers",
  "listeners",
  "targetGroups",
  "loadBalancerTasks",
  "buckets",
  "objects",
  "uploads",
  "tasks",
  "tokens",
  "tags",
  "deadHosts",
];

const idAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Records of one kind, listed in the order they were made. What was read or written stays in memory too: this process is the
 * only one that writes. Records must not be changed in place.
 */
export class Table<R extends BaseRecord> {
  private known: Map<string, R> | undefined;

  constructor(
    private readonly db: Database<R, string>,
    private readonly touched: () => void,
  ) {}

  get(id: string): R | undefined {
    return this.all().get(id);
  }

  list(): R[] {
    return [...this.all().values()];
  }

  put(record: R): R {
    this.touched();
    this.db.putSync(record.id, record);
    this.all().set(record.id, record);
    return record;
  }

  remove(id: string): void {
    this.touched();
    this.db.removeSync(id);
    this.all().delete(id);
  }

  /** Forgets what is in memory: after a transaction that was undone it may be wrong. */
  forget(): void {
    this.known = undefined;
  }

  private all(): Map<string, R> {
    if (!this.known) {
      const records = [...this.db.getRange({})].map(({ value }) => value);
      records.sort((a, b) => a.seq - b.seq);
      this.known = new Map(records.map((record) => [record.id, record]));
    }
    return this.known;
  }
}

/**
 * The cloud's durable state. Every call runs in one write transaction: `transaction` returns only after the commit is on
 * disk, and a call that throws leaves nothing behind, so a kill at any moment loses nothing that was acknowledged.
 */
export class Store {
  readonly tables: { [K in keyof Tables]: Table<Tables[K]> };
  private readonly root: RootDatabase;
  private readonly counters: Database<number, string>;
  /** Counts writes, those of undone transactions too: the same number, the same state. */
  version = 0;

  /** Opens (or makes) the state in `dir`. @throws Error of lmdb when the directory cannot be used. */
  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
    this.root = open({
      path: path.join(dir, "state.mdb"),
      maxDbs: 64,
      // The default acknowledges a commit before it has reached the disk.
      overlappingSync: false,
    });
    this.counters = this.root.openDB<number, string>({ name: "counters" });
    const touched = (): void => {
      this.version += 1;
    };
    this.tables = Object.fromEntries(
      tableNames.map((name) => [name, new Table(this.root.openDB({ name }) as never, touched)]),
    ) as unknown as Store["tables"];
  }

  /** Runs `work` as one transaction. `changed` tells whether it wrote anything. */
  transaction<T>(work: () => T): { result: T; changed: boolean } {
    let result: T | undefined;
    const before = this.version;
    try {
      this.root.transactionSync(() => {
        result = work();
      });
    } catch (error) {
      if (this.version > before) {
        Object.values(this.tables).forEach((table) => table.forget());
      }
      throw error;
    }
    return { result: result as T, changed: this.version > before };
  }

  /** The next of a series of numbers that never repeats. */
  next(series = "seq"): number {
    const value = (this.counters.get(series) ?? 0) + 1;
    this.counters.putSync(series, value);
    return value;
  }

  /** A new id of the shape `<prefix>-xxxxxxxx`, unused in `table`. */
  newId(prefix: string, table: keyof Tables): string {
    for (let attempt = 0; attempt < 100; attempt++) {
      const tail = Array.from({ length: 8 }, () => idAlphabet[randomInt(idAlphabet.length)]);
      const id = `${prefix}-${tail.join("")}`;
      if (!this.tables[table].get(id)) {
        return id;
      }
    }
    throw internalError(`no free id with prefix '${prefix}'`);
  }

  close(): Promise<void> {
    return this.root.close();
  }
}
