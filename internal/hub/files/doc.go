// Package files reads the texts of files at commits: of a change both sides, of any
// file one. Mode, id and content come from one place, so that a link is never
// followed; what cannot be had is Unreadable with its reason, and silence never
// stands for "nothing there". One text and all texts of a change are bounded in
// bytes; up to 100 files take one request.
package files
