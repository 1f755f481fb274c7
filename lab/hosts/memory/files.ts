import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
  type Stats,
} from "node:fs";
import { utils, type Attributes, type SFTPWrapper } from "ssh2";

const { OPEN_MODE, STATUS_CODE } = utils.sftp;

/** How one upload ends: undefined = well. */
export type Uploaded = (path: string, bytes: number) => Promise<number>;

/**
 * The part of SFTP that copies files to a host: look, make a directory, write. Reading is refused.
 * @param fileAt Where a path of the host lies on this machine.
 * @param uploaded Called before a written file is closed; gives the status the client gets for it.
 */
export function serveFiles(
  sftp: SFTPWrapper,
  fileAt: (path: string) => string,
  uploaded: Uploaded,
): void {
  const open = new Map<number, string>();
  /** Answers with what `work` gives, or with the code that stands for its error. */
  const answer = (id: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      sftp.status(id, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE);
    }
  };
  const look = (id: number, path: string): void =>
    answer(id, () => sftp.attrs(id, attributes(statSync(fileAt(path)))));

  sftp.on("REALPATH", (id, path) =>
    sftp.name(id, [{ filename: path, longname: path, attrs: attributes(statSync("/")) }]),
  );
  sftp.on("STAT", look).on("LSTAT", look);
  sftp.on("MKDIR", (id, path) =>
    answer(id, () => {
      mkdirSync(fileAt(path), { mode: 0o700 });
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on("OPEN", (id, path, flags) =>
    answer(id, () => {
      if ((flags & OPEN_MODE.WRITE) === 0) {
        sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
        return;
      }
      const file = openSync(fileAt(path), utils.sftp.flagsToString(flags) ?? "w", 0o600);
      open.set(file, path);
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(file);
      sftp.handle(id, handle);
    }),
  );
  sftp.on("WRITE", (id, handle, offset, data) =>
    answer(id, () => {
      writeSync(handle.readUInt32BE(), data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on("FSTAT", (id, handle) =>
    answer(id, () => sftp.attrs(id, attributes(fstatSync(handle.readUInt32BE())))),
  );
  sftp.on("CLOSE", (id, handle) => {
    const file = handle.readUInt32BE();
    const path = open.get(file);
    if (path === undefined) {
      sftp.status(id, STATUS_CODE.FAILURE);
      return;
    }
    open.delete(file);
    const { size } = fstatSync(file);
    closeSync(file);
    void uploaded(path, size).then((status) => sftp.status(id, status));
  });
  // A client that has closed its end waits for ours.
  sftp.on("end", () => sftp.end());
  sftp.on("close", () => [...open.keys()].forEach((file) => closeSync(file)));
}

function attributes({ mode, uid, gid, size, atime, mtime }: Stats): Attributes {
  return { mode, uid, gid, size, atime: seconds(atime), mtime: seconds(mtime) };
}

const seconds = (time: Date): number => Math.floor(time.getTime() / 1000);
