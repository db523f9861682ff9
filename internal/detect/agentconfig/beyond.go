package agentconfig

import "strings"

// The tools of agents, by what they do; a name that ends in these counts too,
// as those of MCP servers do.
var (
	writers = set("edit write multiedit notebookedit apply_patch edit_file write_file create_file replace str_replace_editor " +
		"editfiles createfile insert_edit_into_file str_replace_based_edit_tool fs_write write_to_file replace_in_file " +
		"create_or_update_file push_files patch")
	browsers = set("webfetch websearch web_fetch web_search fetch browser web browse search_web read_url url_fetch fetch_webpage " +
		"open_url google_web_search browser_navigate navigate read_page read_issue get_issue list_issues search_issues " +
		"read_email get_email list_messages fetch_url http_request webview open_browser_page openbrowser simplebrowser")
)

// beyond looks for an agent that may do more than its own words say, and for
// one that reads what outsiders write and may write itself.
func (v *view) beyond(tools []string, text string, line int) {
	writes, browses := "", ""
	for _, t := range tools {
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(t)), "(")
		short := name
		if at := strings.LastIndex(name, "__"); at >= 0 {
			short = name[at+2:]
		} else if at := strings.LastIndexByte(name, '/'); at >= 0 {
			short = name[at+1:]
		}
		switch {
		case writers[short] && writes == "":
			writes = t
		case (browsers[short] || strings.Contains(name, "browser") || strings.Contains(name, "playwright") ||
			strings.Contains(name, "puppeteer") || strings.Contains(name, "fetch")) && browses == "":
			browses = t
		}
	}
	if writes == "" {
		return
	}
	if browses != "" {
		v.add(agentBeyond, line, writes, "reads from outside with "+bounded(browses)+" and writes")
	}
	if says := readOnly(text); says != "" {
		v.add(agentBeyond, line, writes, "is said to be "+says)
	}
}

// harmlessRoles are the ways in which an agent says that it changes nothing.
var harmlessRoles = []string{"read-only", "read only", "readonly", "never edits", "never modifies", "never writes", "never changes",
	"does not edit", "does not modify", "does not write", "does not change", "doesn't modify", "doesn't edit", "do not edit files",
	"do not modify files", "no changes to files", "only reads", "only looks", "reads only", "without changing", "without modifying",
	"without editing", "reviews only", "review only", "review-only", "view-only", "view only", "reports only", "report only",
	"cannot edit", "cannot modify", "cannot write", "must not edit", "must not modify", "never touch", "never touches"}

// readOnly is how an agent says that it changes nothing, where its first words do.
func readOnly(text string) string {
	low := strings.ToLower(text[:min(len(text), 2048)])
	for _, role := range harmlessRoles {
		if strings.Contains(low, role) {
			return role
		}
	}
	return ""
}
