package rules

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gitrange"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/starter"
)

type initCmd struct {
	Repo  string
	Write bool
}

func initCommand(std command.IO) *cobra.Command {
	c := &initCmd{}
	cmd := command.New(std, c, "init",
		"Write a first rules file that fits a local repository, with the reason beside each choice.", "")
	cmd.Flags().StringVar(&c.Repo, "repo", ".", "The repository is in `DIR`.")
	cmd.Flags().BoolVar(&c.Write, "write", false, "Create .github/gatehold.yml; refused where there is one.")
	return cmd
}

// maxInitText bounds the texts that are looked at, in bytes.
const maxInitText = 64 << 20

func (c *initCmd) Run(ctx context.Context, std command.IO) error {
	tree, err := gitrange.OpenTree(ctx, c.Repo, "")
	if err != nil {
		return err
	}
	files, err := filesOf(ctx, tree)
	if err != nil {
		return err
	}
	text := starter.Write(files)
	if _, err := rulesfile.Parse(rulesfile.Source{Name: policy.FileName, Text: []byte(text)}); err != nil {
		return &gate.Error{Code: "internal",
			Text: "The file that was written would not be taken, which is a fault of gatehold: " + err.Error(), Err: err}
	}
	if !c.Write {
		_, err = io.WriteString(std.Out, text)
		return err
	}
	if tree.Top == "" {
		return &gate.Error{Code: "no_work_tree",
			Text: "The repository has no work tree to write into: print the file and put it where you want it."}
	}
	if err := create(tree.Top, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "%s: written; read it, then commit it\n", filepath.Join(tree.Top, filepath.FromSlash(policy.FileName)))
	return err
}

// filesOf reads the paths at HEAD, and the texts that are looked into.
func filesOf(ctx context.Context, tree *gitrange.Tree) ([]starter.File, error) {
	entries, err := tree.Paths(ctx)
	if err != nil {
		return nil, err
	}
	files := make([]starter.File, len(entries))
	var asked []gitrange.Entry
	var places []int
	left := int64(maxInitText)
	for i, e := range entries {
		files[i].Path = e.Path
		if starter.Wants(e.Path) && e.Size <= starter.MaxText && e.Size <= left {
			left -= e.Size
			asked, places = append(asked, e), append(places, i)
		}
	}
	texts, err := tree.Texts(ctx, asked)
	if err != nil {
		return nil, err
	}
	for i, t := range texts {
		if t.State == change.Loaded {
			files[places[i]].Text = t.Body
		}
	}
	return files, nil
}

// create writes the file where there is none. It follows no link out of the
// repository.
func create(top, text string) error {
	root, err := os.OpenRoot(top)
	if err != nil {
		return &gate.Error{Code: "output_unwritable", Text: err.Error(), Err: err}
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(policy.FileName)), 0o755); err != nil {
		return &gate.Error{Code: "output_unwritable", Text: err.Error(), Err: err}
	}
	f, err := root.OpenFile(filepath.FromSlash(policy.FileName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return &gate.Error{Code: "rules_exist", Text: "There is a " + policy.FileName +
			" already, which is not written over. Without --write the file is printed."}
	}
	if err != nil {
		return &gate.Error{Code: "output_unwritable", Text: err.Error(), Err: err}
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}
