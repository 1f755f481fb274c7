package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
)

// longestLogLine is where a line is cut for the log (the resource's stdout keeps it whole). The
// official provider stops reading at a line of 64 KiB and blocks the command; this one goes on.
const longestLogLine = 64 * 1024

// captured collects what a command prints, apart and in order, and logs it line by line as chosen.
type captured struct {
	mu             sync.Mutex
	stdout, stderr bytes.Buffer
	both           bytes.Buffer
	lines          []*lineLogger
}

func newCaptured(ctx context.Context, op operation, logging string) (*captured, io.Writer, io.Writer) {
	c := &captured{}
	shows := func(which string) bool {
		return logging == "" || logging == "stdoutAndStderr" || logging == which
	}
	writer := func(own *bytes.Buffer, shown bool) io.Writer {
		targets := []io.Writer{own, &c.both}
		if shown {
			logger := &lineLogger{ctx: ctx, op: op}
			c.lines = append(c.lines, logger)
			targets = append(targets, logger)
		}
		return lockedWriter{&c.mu, io.MultiWriter(targets...)}
	}
	return c, writer(&c.stdout, shows("stdout")), writer(&c.stderr, shows("stderr"))
}

// finish logs lines without an end and answers stdout and stderr, each without its last newline.
func (c *captured) finish() (string, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range c.lines {
		line.flush()
	}
	return strings.TrimSuffix(c.stdout.String(), "\n"), strings.TrimSuffix(c.stderr.String(), "\n")
}

func (c *captured) everything() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.both.String()
}

type lockedWriter struct {
	mu *sync.Mutex
	io.Writer
}

func (w lockedWriter) Write(chunk []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Writer.Write(chunk)
}

type lineLogger struct {
	ctx  context.Context
	op   operation
	rest []byte
}

func (l *lineLogger) Write(chunk []byte) (int, error) {
	l.rest = append(l.rest, chunk...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 && len(l.rest) < longestLogLine {
			return len(chunk), nil
		}
		if end < 0 || end > longestLogLine {
			end = longestLogLine
		}
		l.say(l.rest[:end])
		if l.rest = l.rest[end:]; len(l.rest) > 0 && l.rest[0] == '\n' {
			l.rest = l.rest[1:]
		}
	}
}

func (l *lineLogger) flush() {
	if len(l.rest) > 0 {
		l.say(l.rest)
		l.rest = nil
	}
}

// say shows a line while the command runs; the engine keeps none of them.
func (l *lineLogger) say(line []byte) {
	// The engine accepts valid UTF-8 only.
	l.op.log.status(l.ctx, l.op.urn, strings.ToValidUTF8(string(line), "?"))
}
