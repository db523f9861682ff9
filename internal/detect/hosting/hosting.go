// Package hosting reads the settings of hosts that run an application from a
// file of its repository: Cloudflare's wrangler, Fly, Render, Railway,
// DigitalOcean, Heroku, Platform.sh, Kamal and others. It reports what takes data away from the
// application or for good: a database or volume that is no longer there, a
// binding to another one, storage that is deleted with its class; and which of the
// host's own guards a change takes away.
//
// Each file is reduced to one neutral model, whatever host it is for. What their
// commands do is package command's subject, who signs in and how package
// identity's.
package hosting

import (
	"embed"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/datafiles"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("hosting", files)

var (
	kindStore      = shipped.Of("store-removed")
	kindVolume     = shipped.Of("volume-removed")
	kindBinding    = shipped.Of("binding-changed")
	kindDeleted    = shipped.Of("storage-deleted")
	kindCopies     = shipped.Of("copies-stopped")
	kindGuard      = shipped.Of("guard-removed")
	kindShown      = shipped.Of("shown-to-all")
	kindProxy      = shipped.Of("sent-elsewhere")
	kindPlan       = shipped.Of("expiring-plan")
	kindVersion    = shipped.Of("data-version-changed")
	kindUnreadable = shipped.Of("unreadable")
)

type detector struct{}

// New returns the detector of hosts' settings.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "hosting" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// maxBytes bounds one file.
const maxBytes = 1 << 20

// thing is something with data in it, at a line.
type thing struct {
	line int
	id   string // which one it is
}

// model is a file, reduced to where data is.
type model struct {
	stores   map[string]thing // databases and the like that the file makes, by name
	volumes  map[string]thing // disks that are mounted, by where
	bindings map[string]thing // what the application is given under a name
	deleted  map[string]thing // storage that the file says is to be deleted
	copies   map[string]thing // jobs that make copies
	guards   map[string]thing // what keeps the public out
	shown    map[string]thing // what the public is shown or may reach that it should not
	proxies  map[string]thing // hosts that requests are sent on to, by path
	plans    map[string]thing // the plans of stores
	images   map[string]thing // the images of what keeps data
}

func newModel() model {
	empty := func() map[string]thing { return map[string]thing{} }
	return model{stores: empty(), volumes: empty(), bindings: empty(), deleted: empty(), copies: empty(), guards: empty(),
		shown: empty(), proxies: empty(), plans: empty(), images: empty()}
}

// readerOf is the reader of a path, nil for none.
func readerOf(p string) func(string) (model, error) {
	b, whole := path.Base(p), "/"+p
	switch {
	case strings.HasPrefix(b, "wrangler.") || strings.HasPrefix(b, "wrangler-"):
		return wrangler(path.Ext(b))
	case strings.HasPrefix(b, "fly.") && strings.HasSuffix(b, ".toml"):
		return fly
	case b == "render.yaml" || b == "render.yml":
		return render
	case strings.Contains(whole, "/.do/") && (path.Ext(b) == ".yaml" || path.Ext(b) == ".yml"):
		return digitalOcean
	case b == "railway.toml" || b == "railway.json":
		return railway(path.Ext(b))
	case b == "app.json":
		return heroku
	case strings.Contains(whole, "/.platform/services.y"), strings.Contains(whole, "/.upsun/config.y"),
		strings.HasPrefix(b, ".platform.app.y"):
		return platform
	}
	return more(p)
}

// Wants takes the settings of hosts.
func (detector) Wants(f *change.File) bool { return readerOf(f.Path) != nil }

// Detect compares where data is with where it was.
func (detector) Detect(f *change.File, r *detect.Report) {
	read := readerOf(f.Path)
	same := f.Before.State == change.Loaded && f.After.State == change.Loaded && f.Before.Body == f.After.Body
	if f.After.State == change.Absent || same {
		return // a host keeps what it made from a file that is gone
	}
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes {
		unread(f, r, errors.New(max(f.After.Reason, "too large to be read")))
		return
	}
	after, err := read(f.After.Body)
	if err != nil {
		unread(f, r, err)
		return
	}
	before := newModel()
	if f.Before.State == change.Loaded {
		if was, err := read(f.Before.Body); err == nil {
			before = was
		}
	}
	compare(r, before, after)
}

// compare reports what differs to the worse.
func compare(r *detect.Report, before, after model) {
	gone(r, kindStore, before.stores, after.stores)
	gone(r, kindVolume, before.volumes, after.volumes)
	for _, name := range slices.Sorted(maps.Keys(before.bindings)) {
		was := before.bindings[name]
		if is, still := after.bindings[name]; still && is.id != was.id && was.id != "" {
			r.Add(detect.Observation{Kind: kindBinding, Line: is.line, Object: name, Detail: was.id + " to " + is.id})
		} else if !still {
			r.Add(detect.Observation{Kind: kindBinding, Line: was.line, Removed: true, Object: name, Detail: "is bound no more"})
		}
	}
	come(r, kindDeleted, before.deleted, after.deleted)
	gone(r, kindCopies, before.copies, after.copies)
	gone(r, kindGuard, before.guards, after.guards)
	come(r, kindShown, before.shown, after.shown)
	for _, name := range slices.Sorted(maps.Keys(after.proxies)) {
		was, had := before.proxies[name]
		if is := after.proxies[name]; had && was.id != is.id {
			r.Add(detect.Observation{Kind: kindProxy, Line: is.line, Object: name, Detail: was.id + " to " + is.id})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after.images)) {
		was := before.images[name]
		if is := after.images[name]; datafiles.Refused(was.id, is.id) {
			r.Add(detect.Observation{Kind: kindVersion, Line: is.line, Object: name, Detail: was.id + " to " + is.id})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after.plans)) {
		was, had := before.plans[name]
		if is := after.plans[name]; had && is.id == "free" && was.id != "free" {
			r.Add(detect.Observation{Kind: kindPlan, Line: is.line, Object: name})
		}
	}
}

// come reports what was not there before.
func come(r *detect.Report, k *detect.Kind, before, after map[string]thing) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, had := before[name]; !had {
			r.Add(detect.Observation{Kind: k, Line: after[name].line, Object: name})
		}
	}
}

// gone reports what is there no more, and what became another one.
func gone(r *detect.Report, k *detect.Kind, before, after map[string]thing) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		was := before[name]
		is, still := after[name]
		switch {
		case !still:
			r.Add(detect.Observation{Kind: k, Line: was.line, Removed: true, Object: name})
		case was.id != "" && is.id != was.id:
			r.Add(detect.Observation{Kind: k, Line: is.line, Object: name, Detail: was.id + " to " + is.id})
		}
	}
}

func unread(f *change.File, r *detect.Report, err error) {
	o := detect.Unread(kindUnreadable, err)
	o.Object = path.Base(f.Path)
	r.Add(o)
}
