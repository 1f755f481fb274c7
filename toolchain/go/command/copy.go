package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// copyToRemote is command:remote:CopyToRemote. It copies as the login user, without sudo; nothing
// is removed from the host when the resource is deleted.
type copyToRemote struct{ copied }

// copyFile is the deprecated command:remote:CopyFile.
type copyFile struct{ copied }

type copyInputs struct {
	Connection connection `json:"connection"`
	RemotePath string     `json:"remotePath"`
	LocalPath  string     `json:"localPath"`
}

func (copyToRemote) create(ctx context.Context, op operation, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	return nil, copySource(ctx, op, inputs)
}

// update copies again when the content of the source or the path changed. Another host at the same path gets no copy: for
// that, its identity belongs in `triggers`.
func (copyToRemote) update(
	ctx context.Context, op operation, olds, inputs resource.PropertyMap,
) (resource.PropertyMap, error) {
	if plainValue(olds["source"]).DeepEquals(plainValue(inputs["source"])) &&
		plainValue(olds["remotePath"]).DeepEquals(plainValue(inputs["remotePath"])) {
		return nil, nil
	}
	return nil, copySource(ctx, op, inputs)
}

func (copyToRemote) remove(context.Context, operation, resource.PropertyMap) error { return nil }

func (copyFile) create(ctx context.Context, op operation, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	var decoded copyInputs
	if err := decode(inputs, &decoded); err != nil {
		return nil, err
	}
	return nil, decoded.copyPath(ctx, op, decoded.LocalPath)
}

func (c copyFile) update(ctx context.Context, op operation, _, inputs resource.PropertyMap) (resource.PropertyMap, error) {
	return c.create(ctx, op, inputs)
}

func (copyFile) remove(context.Context, operation, resource.PropertyMap) error { return nil }

func copySource(ctx context.Context, op operation, inputs resource.PropertyMap) error {
	var decoded copyInputs
	if err := decode(inputs, &decoded); err != nil {
		return err
	}
	switch source := plainValue(inputs["source"]); {
	case source.IsAsset() && source.AssetValue().IsPath():
		return decoded.copyPath(ctx, op, source.AssetValue().Path)
	case source.IsAsset() && source.AssetValue().IsText():
		return decoded.copyText(ctx, op, source.AssetValue().Text)
	case source.IsArchive() && source.ArchiveValue().IsPath():
		return decoded.copyPath(ctx, op, source.ArchiveValue().Path)
	default:
		return errors.New("source must be a FileAsset, a StringAsset or a FileArchive: " +
			"what is only at a URL or made of other assets cannot be copied")
	}
}

func (c copyInputs) copyText(ctx context.Context, op operation, text string) error {
	return c.withSFTP(ctx, op, func(remote *sftp.Client) error {
		if info, err := remote.Stat(c.RemotePath); err == nil && info.IsDir() {
			return fmt.Errorf("remotePath %s is a directory: a StringAsset has no name, so name the file", c.RemotePath)
		}
		return writeRemote(remote, c.RemotePath, strings.NewReader(text))
	})
}

func (c copyInputs) copyPath(ctx context.Context, op operation, local string) error {
	source, err := os.Stat(local)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	return c.withSFTP(ctx, op, func(remote *sftp.Client) error {
		target := c.RemotePath
		there, err := remote.Stat(target)
		switch {
		case err == nil && source.IsDir() && !there.IsDir():
			return fmt.Errorf("remotePath %s is a file: the directory %s cannot be copied onto it", target, local)
		// A directory goes below remotePath under its own name, there or not, unless it is named with a slash at its end.
		case source.IsDir() && !strings.HasSuffix(local, "/"), err == nil && there.IsDir() && !source.IsDir():
			target = path.Join(target, filepath.Base(local))
		}
		if !source.IsDir() {
			return sendFile(remote, local, target)
		}
		return filepath.WalkDir(local, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(local, file)
			if err != nil {
				return err
			}
			destination := path.Join(target, filepath.ToSlash(relative))
			if entry.IsDir() {
				if err := remote.MkdirAll(destination); err != nil {
					return fmt.Errorf("creating remote directory %s: %w", destination, err)
				}
				return nil
			}
			return sendFile(remote, file, destination)
		})
	})
}

func (c copyInputs) withSFTP(ctx context.Context, op operation, use func(*sftp.Client) error) error {
	dialing, dialed := op.dialing(ctx)
	host, err := c.Connection.dial(dialing, op)
	dialed()
	if err != nil {
		return err
	}
	defer host.Close()
	defer context.AfterFunc(ctx, func() { _ = host.Close() })()
	remote, err := sftp.NewClient(host.Client)
	if err != nil {
		return fmt.Errorf("starting sftp on %s: %w", c.Connection.address(), err)
	}
	defer remote.Close()
	if err := use(remote); err != nil {
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), err)
		}
		return fmt.Errorf("copying to %s: %w", c.Connection.address(), err)
	}
	return nil
}

func sendFile(remote *sftp.Client, local, target string) error {
	file, err := os.Open(local)
	if err != nil {
		return err
	}
	defer file.Close()
	return writeRemote(remote, target, file)
}

func writeRemote(remote *sftp.Client, target string, content io.Reader) error {
	if parent := path.Dir(target); parent != "." && parent != "/" {
		if err := remote.MkdirAll(parent); err != nil {
			return fmt.Errorf("creating remote directory %s: %w", parent, err)
		}
	}
	file, err := remote.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return fmt.Errorf("creating remote file %s: %w", target, err)
	}
	if _, err := file.ReadFrom(content); err != nil {
		return errors.Join(fmt.Errorf("writing remote file %s: %w", target, err), file.Close())
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("closing remote file %s: %w", target, err)
	}
	return nil
}
