package hubtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

var aliasPattern = regexp.MustCompile(`(f\d+): file\(path: \$(\w+)\) \{ \.\.\.(\w+) \}`)

func (s *Stub) graph(w http.ResponseWriter, body []byte) {
	var q struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(body, &q); err != nil {
		Reply(w, 400, map[string]any{"message": "Problems parsing JSON"})
		return
	}
	if strings.Contains(q.Query, "pullRequest(") {
		s.did("state")
		s.state(w)
		return
	}
	s.did("texts")
	repo := map[string]any{"baseCommit": map[string]any{"oid": s.Merge}, "headCommit": map[string]any{"oid": s.HeadID}}
	for side, files := range map[string]map[string]File{"before": s.Base, "after": s.Head} {
		got := map[string]any{}
		_, part, _ := strings.Cut(q.Query, side+": object")
		part, _, _ = strings.Cut(part, "} }\n    }") // its end
		if side == "before" {
			part, _, _ = strings.Cut(part, "after: object")
		}
		for _, m := range aliasPattern.FindAllStringSubmatch(part, -1) {
			path, _ := q.Variables[m[2]].(string)
			got[m[1]] = entryOf(files, path, m[3] == "Side")
		}
		repo[side] = got
	}
	Reply(w, 200, map[string]any{"data": map[string]any{"repository": repo}})
}

func entryOf(files map[string]File, path string, content bool) any {
	f, ok := files[path]
	if !ok {
		return nil
	}
	mode, _ := strconv.ParseInt(f.Mode, 8, 64)
	e := map[string]any{"mode": mode, "oid": f.ID()}
	if content && f.Mode != "160000" {
		e["object"] = blobOf(f.Text)
	}
	return e
}

// blobOf shows a text as GitHub's GraphQL does: cut at 512,000 bytes, null if
// binary.
func blobOf(text string) map[string]any {
	b := map[string]any{"__typename": "Blob", "byteSize": len(text), "isBinary": false, "isTruncated": false, "text": text}
	if strings.Contains(text, "\x00") {
		b["isBinary"], b["text"] = true, nil
	} else if len(text) > 512000 {
		b["isTruncated"], b["text"] = true, text[:512000]
	}
	return b
}

func RulesEntry(mode int64, text string) any {
	return map[string]any{"mode": mode, "oid": File{Text: text}.ID(), "object": blobOf(text)}
}

func (s *Stub) state(w http.ResponseWriter) {
	var commits []any
	for i := range min(s.Commits, 100) {
		commits = append(commits, map[string]any{"commit": map[string]any{"oid": s.commitID(i),
			"signature": map[string]any{"isValid": true, "wasSignedByGitHub": true},
			"authors":   map[string]any{"nodes": s.Authors}}})
	}
	pr := map[string]any{
		"state": "OPEN", "isDraft": false, "title": "Title", "body": "Body", "changedFiles": len(s.Changed()),
		"author":      map[string]any{"__typename": "Bot", "login": "copilot-swe-agent", "databaseId": 198982749},
		"labels":      map[string]any{"nodes": []any{map[string]any{"name": "db"}}},
		"assignees":   map[string]any{"nodes": []any{map[string]any{"login": "alice", "databaseId": 1}}},
		"headRefName": "copilot/x", "headRefOid": s.HeadID, "headRepository": map[string]any{"nameWithOwner": "acme/shop"},
		"baseRefName": "main", "baseRefOid": s.Tip,
		"baseRef": map[string]any{"name": "main", "target": map[string]any{"oid": s.Tip, "file": s.Rules}},
		"commits": map[string]any{"nodes": commits},
		"last": map[string]any{"nodes": []any{map[string]any{"commit": map[string]any{"oid": s.HeadID,
			"tree": map[string]any{"oid": SHA("tree", s.HeadID)}}}}},
	}
	maps.Copy(pr, s.PullState)
	answer := map[string]any{"data": map[string]any{
		"repository": map[string]any{"databaseId": 99, "nameWithOwner": "acme/shop", "pullRequest": pr},
		"org":        s.Org,
	}}
	if s.Org == nil && s.OrgError != "" {
		answer["errors"] = []any{map[string]any{"type": s.OrgError, "path": []any{"org"},
			"message": "Could not resolve to a Repository with the name 'acme/.github'."}}
	}
	Reply(w, 200, answer)
}
