package sql

import (
	"regexp"
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/pattern"
)

// rarely are statements that few databases know, by the word that they begin
// with: each is known by its text alone, in small letters with single spaces.
var rarely = map[string][]struct {
	expr func() *regexp.Regexp
	kind **detect.Kind
	says string
}{
	"PURGE": {{pattern.Of(`^purge (?:(?:binary|master) logs |(?:dba_)?recyclebin|(?:table|tablespace|index) )`), &retention,
		"can be restored no more"}},
	"RESET": {{pattern.Of(`^reset (?:master|binary logs)\b`), &retention, "deletes the log that restoring needs"}},
	"BACKUP": {{pattern.Of(`^backup (?:log|database) .* to disk ?= ?n?'nul'|with (?:truncate_only|no_log)\b`), &retention,
		"throws the log away"}},
	"ALTER": {
		{pattern.Of(`^alter database .* set recovery simple\b`), &retention, "a point in time can no longer be restored"},
		{pattern.Of(`^alter (?:account|user \S+) unset .*network_policy`), &serverSetting, "any address may connect"},
		{pattern.Of(`configure zone using .*(?:gc ?\. ?ttlseconds ?= ?[1-9]\d{0,2}\b|num_replicas ?= ?1\b)`), &retention, ""},
	},
	"EXECUTE": {{pattern.Of(`^execute (?:expire_snapshots|remove_orphan_files) ?\( ?retention_threshold ?=> ?'[0-6]d'`), &retention, ""}},
	"CALL":    {{pattern.Of(`^call \S*system ?\. ?(?:expire_snapshots|remove_orphan_files) ?\(.*retain_last ?=> ?1\b`), &retention, ""}},
	"EXPORT":  {{pattern.Of(`^export data .*uri ?=`), &sentOut, ""}},
	"UNLOAD":  {{pattern.Of(`^unload ?\(.* to '`), &sentOut, ""}},
	"COPY":    {{pattern.Of(`^copy into '(?:s3|gcs|azure)[a-z0-9]*://`), &sentOut, ""}},
	"REMOVE":  {{pattern.Of(`^remove @`), &dropObject, "files of a stage"}},
	"RM":      {{pattern.Of(`^rm @`), &dropObject, "files of a stage"}},
	"CREATE": {
		{pattern.Of(`^create extension (?:if not exists )?"?(?:plpython\d?u|plperlu|pltclu|plsh|file_fdw|dblink)\b`), &untrusted, ""},
		{pattern.Of(`^create (?:or replace )?function .* language '?(?:plpython\d?u|plperlu|pltclu|plsh)\b`), &untrusted, ""},
		{pattern.Of(`^create (?:or replace )?function .* soname '`), &untrusted, ""},
	},
	"SELECT": {
		{pattern.Of(`\b(?:pg_read_file|pg_read_binary_file|pg_ls_dir|lo_import|lo_export|sys_exec|sys_eval|load_file) ?\(`), &untrusted, ""},
		{pattern.Of(`\binto (?:outfile|dumpfile) '`), &sentOut, ""},
	},
}

// maxRare bounds what is read of one statement.
const maxRare = 4 << 10

// rare judges a statement by its text.
func (j *judge) rare(s span) {
	rows := rarely[s.upper()]
	if len(rows) == 0 {
		return
	}
	var text string
	for _, row := range rows {
		if text == "" {
			text = strings.Join(strings.Fields(strings.ToLower(s.start(maxRare))), " ")
		}
		if row.expr().MatchString(text) {
			j.hit(*row.kind, s.line(), clip(text), row.says)
		}
	}
}

// start is the first bytes of a statement as it is written.
func (s *span) start(most int) string {
	if !s.more() {
		return ""
	}
	from, to := s.st.toks[s.i].from, s.st.toks[s.n-1].to
	return s.st.src[from:min(to, from+most)]
}
