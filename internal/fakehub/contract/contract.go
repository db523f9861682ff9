// Package contract holds what goes to and comes from a fake GitHub against
// GitHub's own description of itself: its OpenAPI description for requests and
// answers, the one of its webhooks for payloads, its public schema for GraphQL
// queries. It is for tests.
//
// The descriptions are the npm packages that testdata/npm/package.json pins.
// They are found by walking up from the working directory; `make test` installs
// them. The OpenAPI description alone is 13 MB: it is split once and each part
// is read when it is first needed.
package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// Contract is GitHub's description. It fits fakehub.Options.Contract and may be
// used by many goroutines.
type Contract struct {
	rest   *description
	hooks  *description
	schema func() (*ast.Schema, error)
}

// Load reads the descriptions. An error says what to do about it.
func Load() (*Contract, error) {
	dir, err := find()
	if err != nil {
		return nil, err
	}
	rest, err := open(filepath.Join(dir, "openapi/generated/api.github.com.json"))
	if err != nil {
		return nil, err
	}
	hooks, err := open(filepath.Join(dir, "openapi-webhooks/generated/api.github.com.json"))
	if err != nil {
		return nil, err
	}
	return &Contract{rest: rest, hooks: hooks, schema: sync.OnceValues(func() (*ast.Schema, error) {
		return loadSchema(filepath.Join(dir, "graphql-schema/schema.graphql"))
	})}, nil
}

// find looks for the packages upward from the working directory.
func find() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("no working directory to look for GitHub's descriptions from: %w", err)
	}
	for {
		at := filepath.Join(dir, "testdata/npm/node_modules/@octokit")
		_, err := os.Stat(at)
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("GitHub's descriptions are not installed: run `make test`, or `npm ci` in testdata/npm")
		}
		dir = up
	}
}

// Webhook checks a payload that GitHub would send.
func (c *Contract) Webhook(event, action string, payload []byte) error {
	name := event
	if action != "" {
		name += "-" + action
	}
	name = strings.ReplaceAll(name, "_", "-")
	hook, err := c.hooks.webhook(name)
	if err != nil {
		return err
	}
	return c.hooks.validate(hook.Post.RequestBody, payload)
}
