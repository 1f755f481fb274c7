import { createHash, randomUUID } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readdirSync,
  rmSync,
} from "node:fs";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

import type { Store } from "../store";
import type { ObjectRecord, UploadRecord } from "./records";

/** A body that is on disk, and what was counted while it was written. */
export interface WrittenBody {
  id: string;
  size: number;
  md5: Buffer;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * Bodies of objects, one file each. A file is complete and on disk before a record names it, its name is never used again, and
 * it is removed after the record is gone: a kill at any moment leaves at worst files that nothing names, which the next start
 * removes.
 */
export class Bodies {
  private readonly dir: string;

  /** @param store Whose records say which files are in use. */
  constructor(stateDir: string, store: Store) {
    this.dir = path.join(stateDir, "objects");
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const used = new Set([
      ...store.tables.objects.list().map((each: ObjectRecord) => each.bodyId),
      ...store.tables.uploads
        .list()
        .flatMap((each: UploadRecord) => each.parts.map((part) => part.bodyId)),
    ]);
    this.remove(readdirSync(this.dir).filter((name) => !used.has(name)));
  }

  /** Writes a stream to disk and waits until it is there. */
  async write(source: Readable): Promise<WrittenBody> {
    const id = randomUUID();
    const md5 = createHash("md5");
    const sha256 = createHash("sha256");
    let size = 0;
    const count = new Transform({
      transform(chunk: Buffer, _, done): void {
        md5.update(chunk);
        sha256.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    try {
      const file = createWriteStream(this.file(id), { mode: 0o600, flush: true });
      await pipeline(source, count, file);
      this.syncDirectory();
    } catch (error) {
      this.remove([id]);
      throw error;
    }
    return { id, size, md5: md5.digest(), sha256: sha256.digest("hex") };
  }

  /** Bytes `first` to `last` of a body, both included. Goes on when the body is removed meanwhile. */
  read(id: string, first: number, last: number): Readable {
    return createReadStream("", { fd: openSync(this.file(id), "r"), start: first, end: last });
  }

  /** Several bodies one after another. */
  readAll(ids: string[]): Readable {
    const file = (id: string): string => this.file(id);
    return Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        for (const id of ids) {
          yield* createReadStream(file(id)) as AsyncIterable<Buffer>;
        }
      })(),
    );
  }

  remove(ids: string[]): void {
    ids.forEach((id) => rmSync(this.file(id), { force: true }));
  }

  private file(id: string): string {
    return path.join(this.dir, id);
  }

  /** A file's name is on disk once its directory is. */
  private syncDirectory(): void {
    const handle = openSync(this.dir, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}
