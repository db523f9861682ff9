// Package objects is a git object store in memory: blobs, trees and commits
// under the SHA-1 ids that git itself would give them, with what a forge asks
// of them: the merge base of two commits, the commits of a range, the files
// that differ and their patches.
//
// A Store has no lock. Many readers may use it at once; a writer must be alone.
package objects

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Modes of a tree entry, as git writes them.
const (
	ModeFile       = "100644"
	ModeExecutable = "100755"
	ModeSymlink    = "120000"
	ModeSubmodule  = "160000"
	ModeTree       = "040000"
)

// EmptyTree is the id of the tree without entries.
const EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// Person is what a commit says of its author or committer. Nothing of it is
// authenticated.
type Person struct {
	Name  string
	Email string
	Date  time.Time
}

// Commit is a commit object. Signature goes into its gpgsig header.
type Commit struct {
	SHA       string
	Tree      string
	Parents   []string
	Author    Person
	Committer Person
	Message   string
	Signature string

	generation int // 1 + the greatest of the parents'
	number     int // in the order in which commits came
}

// Entry is one line of a tree.
type Entry struct {
	Name string
	Mode string
	SHA  string
}

// Kind is blob, tree or commit, as GitHub names what an entry points at.
func (e Entry) Kind() string {
	switch e.Mode {
	case ModeTree:
		return "tree"
	case ModeSubmodule:
		return "commit"
	}
	return "blob"
}

// Store holds the objects of one repository and all its forks.
type Store struct {
	blobs   map[string][]byte
	trees   map[string][]Entry
	commits map[string]*Commit
	last    int // number of the newest commit; later ones are not there
}

// NewStore returns a store that holds the empty tree only.
func NewStore() *Store {
	return &Store{
		blobs:   map[string][]byte{},
		trees:   map[string][]Entry{EmptyTree: nil},
		commits: map[string]*Commit{},
	}
}

// Blob returns the bytes of a blob, which must not be changed.
func (s *Store) Blob(sha string) ([]byte, bool) {
	b, ok := s.blobs[sha]
	return b, ok
}

// Tree returns the entries of a tree in git's order; they must not be changed.
func (s *Store) Tree(sha string) ([]Entry, bool) {
	t, ok := s.trees[sha]
	return t, ok
}

// Commit returns a commit, or nil.
func (s *Store) Commit(sha string) *Commit {
	if c := s.commits[sha]; c != nil && c.number <= s.last {
		return c
	}
	return nil
}

// Commits is how many commits there are. Given to Show later, it hides those
// that came since.
func (s *Store) Commits() int { return s.last }

// Show makes the store hold the first n commits only, as a copy that is behind
// does, and returns how many it held. Nothing may be stored meanwhile.
func (s *Store) Show(n int) (before int) {
	before, s.last = s.last, n
	return before
}

// PutBlob stores data, which must not be changed afterwards.
func (s *Store) PutBlob(data []byte) string {
	sha := hash("blob", data)
	if _, ok := s.blobs[sha]; !ok {
		s.blobs[sha] = data
	}
	return sha
}

// putTree stores entries that are in git's order.
func (s *Store) putTree(entries []Entry) string {
	size := 0
	for _, e := range entries {
		size += len(e.Name) + 28
	}
	body := make([]byte, 0, size)
	for _, e := range entries {
		body = append(body, strings.TrimPrefix(e.Mode, "0")...)
		body = append(body, ' ')
		body = append(body, e.Name...)
		body = append(body, 0)
		body, _ = hex.AppendDecode(body, []byte(e.SHA))
	}
	sha := hash("tree", body)
	if _, ok := s.trees[sha]; !ok {
		s.trees[sha] = entries
	}
	return sha
}

// PutCommit stores c and fills in its SHA. Its tree and parents must be in the
// store.
func (s *Store) PutCommit(c *Commit) (string, error) {
	if _, ok := s.trees[c.Tree]; !ok {
		return "", fmt.Errorf("commit names the tree %q, which is not in the store", c.Tree)
	}
	for _, p := range c.Parents {
		parent := s.commits[p]
		if parent == nil {
			return "", fmt.Errorf("commit names the parent %q, which is not in the store", p)
		}
		c.generation = max(c.generation, parent.generation)
	}
	c.generation++
	c.SHA = hash("commit", []byte(c.text(true)))
	if _, ok := s.commits[c.SHA]; !ok {
		s.last++
		c.number = s.last
		s.commits[c.SHA] = c
	}
	return c.SHA, nil
}

// Payload is the text that a signature of this commit signs.
func (c *Commit) Payload() string { return c.text(false) }

func (c *Commit) text(signed bool) string {
	var b strings.Builder
	b.WriteString("tree " + c.Tree + "\n")
	for _, p := range c.Parents {
		b.WriteString("parent " + p + "\n")
	}
	b.WriteString("author " + c.Author.line() + "\n")
	b.WriteString("committer " + c.Committer.line() + "\n")
	if signed && c.Signature != "" {
		b.WriteString("gpgsig " + strings.ReplaceAll(strings.TrimSuffix(c.Signature, "\n"), "\n", "\n ") + "\n")
	}
	b.WriteString("\n" + c.Message)
	return b.String()
}

// line is git's form of a person. Git drops the characters that would break
// the header; so does this.
func (p Person) line() string {
	clean := strings.NewReplacer("<", "", ">", "", "\n", "", "\x00", "")
	return fmt.Sprintf("%s <%s> %d +0000", clean.Replace(p.Name), clean.Replace(p.Email), p.Date.Unix())
}

func hash(kind string, body []byte) string {
	h := sha1.New()
	h.Write([]byte(kind + " " + strconv.Itoa(len(body)) + "\x00"))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
