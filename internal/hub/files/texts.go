package files

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const (
	filesPerQuery = 100
	queriesAtOnce = 4 // each answer may have tens of megabytes
	blobsAtOnce   = 8
)

// Texts fills in what Facts left out: the modes of all files, and both sides
// of those that want names. It asks by commit and path, so that mode, id and
// content come from one place; up to 100 files take one request. Sides that
// are loaded already are not asked for again.
//
// What cannot be had is Unreadable with its reason: binary, larger than
// MaxText, past MaxTexts in the order of the files, a submodule, not UTF-8.
//
// Any subject's change will do; one without a Base may have added files only.
func (fs *Files) Texts(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool) error {
	return fs.TextsWithin(ctx, s, c, want, 0)
}

// TextsWithin is Texts for who has no room for more than limit bytes of text: it
// ends with the code texts_past_limit as soon as there is more, before that is
// read. What is loaded by then is of no use. A limit of 0 is none.
func (fs *Files) TextsWithin(ctx context.Context, s gate.Subject, c *change.Change, want func(*change.File) bool, limit int64) error {
	if err := api.CheckRepo(s.Repo); err != nil {
		return err
	}
	noBase := c.Base == "" && !slices.ContainsFunc(c.Files, func(f change.File) bool { return f.Before.State == change.NotLoaded })
	if !wire.IsSHA(c.Head) || !wire.IsSHA(c.Base) && !noBase {
		return api.Invalid("Texts are read of a change whose base and head are known.")
	}
	client, err := fs.gh.Of(ctx, s.Repo)
	if err != nil {
		return err
	}
	t := &texts{client: client, subject: s, change: c, left: fs.gh.MaxTexts(), limit: limit}
	t.plan(want)
	// In groups, so that what waits to be counted against the bound is bounded.
	atOnce := queriesAtOnce
	if limit > 0 {
		atOnce = 1
	}
	for len(t.todo) > 0 {
		var group [][]*wanted
		for len(group) < atOnce && len(t.todo) > 0 {
			n := min(len(t.todo), filesPerQuery)
			group = append(group, t.todo[:n])
			t.todo = t.todo[n:]
		}
		if err := t.group(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// texts is one call of Texts.
type texts struct {
	client  *api.Client
	subject gate.Subject
	change  *change.Change
	todo    []*wanted
	left    int64 // bytes that may still be loaded
	limit   int64 // bytes past which nothing is of use, 0: none; batches then go one by one
	sizes   int64 // bytes that were found, counted where there is a limit
}

// pastLimit is the error of TextsWithin.
func (t *texts) pastLimit() error {
	if t.limit == 0 || t.sizes <= t.limit {
		return nil
	}
	return &gate.Error{Code: "texts_past_limit",
		Text: fmt.Sprintf("The texts of %s have more than the %d bytes that there is room for now.", t.subject.String(), t.limit)}
}

// wanted is one file and what is asked of its two sides.
type wanted struct {
	file          *change.File
	before, after look
	beforePath    string
	found         [2]found // before, after
}

// look is how much of one side is asked for.
type look uint8

const (
	nothing look = iota
	modeOnly
	content
)

// found is one side as it was answered.
type found struct {
	mode string
	text change.Text
	size int64 // bytes that GitHub says its content has
}

// plan decides what to ask. A file that nobody wants the text of is asked for
// its mode alone, where that is unknown: a link or a submodule is a change too.
func (t *texts) plan(want func(*change.File) bool) {
	for i := range t.change.Files {
		f := &t.change.Files[i]
		wants := want(f)
		w := &wanted{file: f, beforePath: f.Path}
		if f.PreviousPath != "" {
			w.beforePath = f.PreviousPath
		}
		w.before = lookAt(f.Before, f.PreviousMode, wants)
		w.after = lookAt(f.After, f.Mode, wants)
		if w.before != nothing || w.after != nothing {
			t.todo = append(t.todo, w)
		}
	}
}

func lookAt(side change.Text, mode string, wants bool) look {
	switch {
	case side.State != change.NotLoaded:
		return nothing
	case wants:
		return content
	case mode == "":
		return modeOnly
	}
	return nothing
}

// group asks several batches at once and then takes over what they brought, in
// the order of the files: which file is past the bound must not depend on
// which answer came first.
func (t *texts) group(ctx context.Context, batches [][]*wanted) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, batch := range batches {
		if t.left <= 0 {
			onlyModes(batch)
		}
		wg.Go(func() {
			if err := t.batch(ctx, batch); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return t.client.Refusal(context.Cause(ctx), api.Request{Route: textsRoute, Doing: t.doing()})
	}
	for _, batch := range batches {
		for _, w := range batch {
			t.take(w)
		}
	}
	return nil
}

// onlyModes is for files past the bound: their texts will not be kept.
func onlyModes(batch []*wanted) {
	for _, w := range batch {
		for side, l := range []*look{&w.before, &w.after} {
			if *l == content {
				*l = modeOnly
				w.found[side].text = pastBound()
			}
		}
	}
}

func pastBound() change.Text {
	return Unreadable("", change.PastMaxTexts)
}

func (t *texts) take(w *wanted) {
	f := w.file
	if f.PreviousMode == "" {
		f.PreviousMode = w.found[0].mode
	}
	if f.Mode == "" {
		f.Mode = w.found[1].mode
	}
	t.put(&f.Before, w.found[0].text)
	t.put(&f.After, w.found[1].text)
}

func (t *texts) put(to *change.Text, got change.Text) {
	if got.State == change.NotLoaded {
		return
	}
	if got.Reason == change.PastMaxTexts { // in its batch already: what comes behind it is as well
		t.left = min(t.left, 0)
	}
	if got.State == change.Loaded {
		if t.left -= int64(len(got.Body)); t.left < 0 {
			blob := got.Blob
			got = pastBound()
			got.Blob = blob
		}
	}
	if got.Blob == "" {
		got.Blob = to.Blob
	}
	*to = got
}

func (t *texts) doing() string { return "read the files of " + t.subject.String() }

// batch answers one batch: every file of it is either read or named, also one
// that GitHub does not answer with by itself, as long as it answers at all.
func (t *texts) batch(ctx context.Context, batch []*wanted) error {
	return api.Halved(batch, func(part []*wanted) error {
		err := t.ask(ctx, part)
		if !api.TooMuch(err) || len(part) > 1 {
			return err
		}
		w := part[0]
		without := *w
		for _, l := range []*look{&without.before, &without.after} {
			if *l == content {
				*l = modeOnly
			}
		}
		if without.before == w.before && without.after == w.after {
			return err
		}
		if err := t.ask(ctx, []*wanted{&without}); err != nil {
			return err
		}
		for side, l := range []look{w.before, w.after} {
			w.found[side] = without.found[side]
			if l == content {
				w.found[side].text = Unreadable(without.found[side].text.Blob, "GitHub does not answer with it")
			}
		}
		return nil
	})
}

// fromBlobs loads what GraphQL cut or could not show unchanged.
func (t *texts) fromBlobs(ctx context.Context, sides []*found) error {
	var (
		wg    sync.WaitGroup
		free  = make(chan struct{}, blobsAtOnce)
		first atomic.Pointer[error]
	)
	left := t.left
	for _, side := range sides {
		// Past the bound by what stands before it in this batch alone: it would be
		// read for nothing, and a batch may name hundreds of megabytes.
		if left -= side.size; left < 0 {
			blob := side.text.Blob
			side.text = pastBound()
			side.text.Blob = blob
			continue
		}
		wg.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			if first.Load() != nil {
				return
			}
			text, err := Read(ctx, t.client, t.subject.Repo, side.text.Blob)
			if err != nil {
				first.CompareAndSwap(nil, &err)
				return
			}
			side.text = text
		})
	}
	wg.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}
