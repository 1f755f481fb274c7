// A jest reporter that tells the runner (job.ts), by Node's message channel, where a run is. Plain JavaScript: jest does not transform reporters.

module.exports = class {
  #tell(message) {
    process.send?.(message);
  }

  onRunStart({ numTotalTestSuites }) {
    this.#tell({ files: numTotalTestSuites });
  }

  onTestCaseStart(_file, { fullName }) {
    this.#tell({ at: fullName });
  }

  onTestCaseResult(_file, { fullName, status }) {
    this.#tell({ [status === "failed" ? "failed" : "ended"]: fullName });
  }

  onTestResult({ path }, { testExecError }) {
    this.#tell({ file: path });
    if (testExecError) this.#tell({ failed: path });
  }
};
