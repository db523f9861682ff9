package wire

import (
	"strings"
)

// Run is a workflow run, as events and answers show it, but for its
// times: one in an odd form would have the whole event refused.
type Run struct {
	ID             int64   `json:"id"`
	Attempt        int     `json:"run_attempt"`
	Path           string  `json:"path"`
	Event          string  `json:"event"`
	SHA            string  `json:"head_sha"`
	Branch         string  `json:"head_branch"`
	Status         string  `json:"status"`
	Conclusion     string  `json:"conclusion"`
	Actor          Account `json:"actor"`
	Triggering     Account `json:"triggering_actor"`
	HeadRepository struct {
		ID int64 `json:"id"`
	} `json:"head_repository"`
	Repository struct {
		ID int64 `json:"id"`
	} `json:"repository"`
}

// Workflow is the path of the run's file, which GitHub gives with "@ref" where
// the file is not from the commit that the run is of. The file's own name may
// hold an "@" as well, and whoever writes it must not be known by another name
// than the rules match: it ends as workflow files do, and lies in their folder.
func (r Run) Workflow() string {
	for path := r.Path; ; {
		name, ok := strings.CutPrefix(path, WorkflowFolder)
		if ok && !strings.Contains(name, "/") && (strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")) {
			return Clip(path, 400)
		}
		at := strings.LastIndexByte(path, '@')
		if at < 0 {
			break
		}
		path = path[:at]
	}
	path, _, _ := strings.Cut(r.Path, "@")
	return Clip(path, 400)
}
