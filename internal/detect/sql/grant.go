package sql

import (
	"slices"
	"strings"
)

// grantOrRevoke judges GRANT. Taking rights away widens nothing.
func (j *judge) grantOrRevoke(s span) {
	line := s.line()
	if !s.take("GRANT") {
		return
	}
	from := s.i
	on, to := s.find("ON"), s.find("TO")
	if to < 0 {
		to = s.n
	}
	detail := s.raw(from, s.n)
	rights := span{st: s.st, i: from, n: to}
	if on >= 0 && on < to {
		rights.n = on
	}
	grantee := span{st: s.st, i: min(to+1, s.n), n: s.n}
	_, who := grantee.name()
	var object string
	if on >= 0 {
		o := span{st: s.st, i: on + 1, n: to}
		for o.takeAny("TABLE", "SEQUENCE", "FUNCTION", "OBJECT", ":") {
		}
		object, _ = o.name()
	}
	everyTable := s.has("ON", "*") || s.has("ALL", "TABLES") || s.has("ON", "ALL")
	switch {
	case strings.EqualFold(who, "public"), rights.is("ALL"), s.has("WITH", "GRANT", "OPTION"), s.has("WITH", "ADMIN", "OPTION"),
		s.has("ON", "*", ".", "*"):
		if object != "" && j.isNew(object) && !strings.EqualFold(who, "public") {
			return
		}
		j.hit(grantWide, line, who, detail)
	case rights.names("SUPER", "SUPERUSER", "BYPASSRLS", "CONTROL", "DBA", "RDS_SUPERUSER", "PG_WRITE_ALL_DATA",
		"PG_EXECUTE_SERVER_PROGRAM", "PG_READ_ALL_DATA", "FILE", "POSTGRES", "CLOUDSQLSUPERUSER"):
		j.hit(superuser, line, who, detail)
	case object != "" && j.isNew(object) && !everyTable:
	default:
		j.hit(grant, line, who, detail)
	}
}

// names says whether one of the words stands in the span, quoted or not.
func (s *span) names(list ...string) bool {
	for i := s.i; i < s.n; i++ {
		t := s.st.toks[i]
		if t.kind == word || t.kind == quoted {
			if oneOf(strings.ToUpper(fold(s.st.src[t.from:t.to], t.kind)), list...) {
				return true
			}
		}
	}
	return false
}

// createRole judges CREATE ROLE and its kin.
func (j *judge) createRole(s span, line int) {
	s.i++
	s.ifExists()
	key, shown := s.name()
	j.created(dropRole, key, nil)
	if s.names("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION") {
		j.hit(superuser, line, shown, "")
	}
}

// alterRole judges ALTER ROLE, USER, LOGIN, SYSTEM and DEFAULT PRIVILEGES.
func (j *judge) alterRole(s span, line int, what string) {
	s.i++
	switch what {
	case "SYSTEM":
		if s.is("SET") || s.is("RESET") {
			j.hit(serverSetting, line, s.raw(s.i+1, s.i+2), s.raw(s.i, s.n))
		}
		return
	case "DEFAULT":
		return // its GRANT is judged by itself
	case "SERVER":
		if s.take("ROLE") {
			what = "ROLE"
		}
	}
	_, shown := s.name()
	switch {
	case s.names("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION"):
		j.hit(superuser, line, shown, s.raw(s.i, s.n))
	case what == "ROLE" && s.has("ADD", "MEMBER"):
		k := grant
		if oneOf(strings.ToLower(shown), "db_owner", "sysadmin", "securityadmin", "db_securityadmin", "serveradmin") {
			k = superuser
		}
		s.take("ADD", "MEMBER")
		_, who := s.name()
		j.hit(k, line, who, "member of "+shown)
	case s.is("RENAME"):
		j.hit(rename, line, shown, s.raw(s.i, s.n))
	}
}

// createPolicy judges a row security policy that lets every row through.
func (j *judge) createPolicy(s span, line int) {
	s.i++
	s.takeAny("ACCESS")
	s.take("POLICY")
	s.ifExists()
	key, shown := s.name()
	on := ""
	if s.take("ON") {
		k, n := s.name()
		on = k
		shown += " on " + n
	}
	j.created(dropPolicy, key+" "+on, replacePolicy)
	if s.has("AS", "RESTRICTIVE") {
		return
	}
	for _, w := range [...]string{"USING", "CHECK"} {
		if i := s.find(w); i >= 0 {
			c := span{st: s.st, i: i + 1, n: s.n}
			group, ok := c.skipParens()
			if ok && group.anySignedIn(0) {
				j.hit(signedIn, line, shown, group.raw(group.i, group.n))
				return
			}
			if ok && (rows{}).always(group, 0) {
				if !s.has("FOR", "SELECT") || w == "USING" {
					j.hit(openPolicy, line, shown, "")
					return
				}
			}
		}
	}
}

// anySignedIn says whether a condition asks no more than that somebody has signed
// in, or which role they have that everybody has: no row is told from another.
func (s span) anySignedIn(depth int) bool {
	for s.is("(") && depth < 4 {
		c := s
		group, _ := c.skipParens()
		if c.more() {
			break
		}
		s = group
		depth++
	}
	if depth >= 4 {
		return false
	}
	signedIn := func(p span) bool { return p.anySignedIn(depth + 1) }
	if parts := s.cut("OR"); len(parts) > 1 {
		return slices.ContainsFunc(parts, signedIn)
	}
	if parts := s.cut("AND"); len(parts) > 1 {
		return !slices.ContainsFunc(parts, func(p span) bool { return !signedIn(p) && !(rows{}).always(p, depth+1) })
	}
	flat := strings.ToLower(strings.Join(strings.Fields(s.raw(s.i, s.n)), ""))
	if strings.HasPrefix(strings.Trim(flat, "("), "auth.jwt()->>'role'") {
		return strings.Contains(flat, "'authenticated'") || strings.Contains(flat, "'anon'")
	}
	l, op, r := s.compared()
	who := strings.ToLower(strings.Join(strings.Fields(l.raw(l.i, l.n)), ""))
	who = strings.TrimPrefix(strings.Trim(who, "()"), "select")
	value := strings.ToLower(strings.Trim(r.raw(r.i, r.n), "()"))
	switch {
	case strings.HasPrefix(who, "auth.role"),
		strings.HasPrefix(who, "current_setting") && strings.Contains(who, "role"), who == "current_user", who == "current_role":
		return oneOf(op, "=", "IN", "<>", "!=") && (strings.Contains(value, "'authenticated'") || strings.Contains(value, "'anon'"))
	case strings.HasPrefix(who, "auth.uid"), strings.HasPrefix(who, "auth.jwt"), strings.HasPrefix(who, "auth.email"):
		return op == "IS" && strings.HasPrefix(value, "not") && strings.HasSuffix(value, "null")
	}
	return false
}

// routineHead judges how a routine is made, apart from its body.
func (j *judge) routineHead(s span) {
	line := s.line()
	h := s
	for h.more() && !oneOf(h.upper(), "FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "EVENT", "PACKAGE", "RULE") {
		h.i++
	}
	h.i++
	h.ifExists()
	key, shown := h.name()
	j.making = j.norm(key)
	j.created(dropRoutine, key, nil)
	if s.has("SECURITY", "DEFINER") && !s.has("SET", "search_path") && !s.has("SET", "SEARCH_PATH") {
		j.hit(definer, line, shown, "")
	}
}

// set judges settings that switch off what protects the data.
func (j *judge) set(s span) {
	line := s.line()
	s.i++
	global := s.takeAny("GLOBAL", "PERSIST")
	s.takeAny("SESSION", "LOCAL")
	name := strings.ToLower(s.upper())
	switch {
	case strings.HasPrefix(name, "@") && !strings.HasPrefix(name, "@@"):
		j.sets(s)
	case name == "search_path", name == "schema" && s.isAt(1, "="), name == "schema" && s.i+2 == s.n:
		s.i++
		s.takeAny("TO", "=")
		key, _ := s.name()
		j.inSchema(key)
	case name == "session_replication_role" && (s.has("REPLICA") || strings.Contains(s.raw(s.i, s.n), "replica")):
		j.hit(disableTrigger, line, name, "triggers and foreign keys do not fire")
	case name == "row_security" && (s.has("OFF") || strings.Contains(s.raw(s.i, s.n), "off")) && !j.dump:
		j.hit(disableRLS, line, name, "")
	case global:
		j.hit(serverSetting, line, name, s.raw(s.i, s.n))
	}
}

// execute judges statements that run a text: it is read as SQL.
func (j *judge) execute(s span) {
	line := s.line()
	verb := s.upper()
	s.i++
	if verb == "PREPARE" {
		j.prepare(s, line)
		return
	}
	if s.take("IMMEDIATE") {
		j.runs(s, line)
		return
	}
	c := s
	for c.takeAny("@", "(") {
	}
	key, _ := c.name()
	if strings.HasPrefix(key, "@") && c.take("=") {
		key, _ = c.name()
	}
	j.called(key, line)
	if j.procedure(key[strings.LastIndexByte(key, '.')+1:], c, line) {
		return
	}
	block := j.dialect != mssql && (j.depth > 0 || j.routine)
	switch group, ok := s.skipParens(); {
	case ok && (verb == "EXEC" || !s.more()):
		j.runs(group, line)
	case verb == "EXECUTE" && block && !s.is("FUNCTION") && !s.is("PROCEDURE") && s.more():
		j.runs(s, line)
	default:
		j.inner(s)
	}
}

// procedure judges what MSSQL's own procedures do, and says whether nothing
// else is to be looked at.
func (j *judge) procedure(name string, c span, line int) bool {
	switch name {
	case "sp_rename":
		j.spRename(c, line)
	case "sp_addrolemember", "sp_addsrvrolemember":
		j.hit(superuser, line, c.raw(c.i, c.n), "")
	case "xp_cmdshell", "sp_oacreate":
		j.hit(runsCommand, line, name, "")
	case "sp_configure":
		j.hit(serverSetting, line, c.raw(c.i, c.n), "")
	case "sp_dropuser", "sp_droplogin", "sp_dropuser_":
		j.hit(dropRole, line, c.raw(c.i, c.n), "")
	case "sp_executesql":
		j.firstArgument(c, line)
		return true
	}
	return false
}

// prepare judges PREPARE name FROM text. PREPARE TRANSACTION leaves what was
// done to somebody else to commit.
func (j *judge) prepare(s span, line int) {
	if s.is("TRANSACTION") {
		j.undo("")
		return
	}
	s.name()
	if s.take("FROM") {
		j.runs(s, line)
		return
	}
	j.inner(s)
}

// firstArgument judges what sp_executesql is given.
func (j *judge) firstArgument(c span, line int) {
	all := c.commas()
	if len(all) == 0 {
		return
	}
	a := all[0]
	for i := a.i; i < a.n; i++ {
		if a.isAt(i-a.i, "=") {
			a.i = i + 1
			break
		}
	}
	j.runs(a, line)
}

// spRename judges MSSQL's sp_rename 'old', 'new' [, 'INDEX'].
func (j *judge) spRename(c span, line int) {
	from, shown := c.name()
	for c.more() && !c.is(",") {
		c.i++
	}
	c.take(",")
	to, shownTo := c.name()
	for c.more() && c.kind() != text {
		c.i++
	}
	sort, _ := c.name()
	switch strings.ToUpper(sort) {
	case "INDEX", "STATISTICS":
	case "":
		j.moved(from, to, shown, shownTo, line)
	default:
		j.hit(rename, line, shown, "to "+shownTo)
	}
}

// other judges what reaches beyond tables.
func (j *judge) other(s span) {
	line := s.line()
	switch {
	case s.is("COPY") && (s.has("PROGRAM")):
		j.hit(runsCommand, line, s.raw(s.i+1, s.i+2), "")
	case s.is("DISABLE", "TRIGGER"):
		j.hit(disableTrigger, line, s.raw(s.i, s.n), "")
	case s.is("PRAGMA") && (s.has("WRITABLE_SCHEMA")):
		j.hit(serverSetting, line, "writable_schema", "")
	case s.is("SELECT"):
		j.selectInto(s)
		j.selectCall(s, line)
	case s.is("PERFORM"):
		j.selectCall(s, line)
	}
}

// selectInto learns what a query says of a variable: SELECT @s = '…', and
// SELECT '…' INTO v.
func (j *judge) selectInto(s span) {
	s.i++
	if strings.HasPrefix(s.st.str(s.i), "@") {
		if i := s.find("FROM"); i >= 0 {
			s.n = i
		}
		j.sets(s)
		return
	}
	into, from := s.find("INTO"), s.find("FROM")
	if into < 0 {
		return
	}
	to := span{st: s.st, i: into + 1, n: s.n}
	to.take("STRICT")
	name, _ := to.name()
	if s.n = into; from >= 0 && from < into {
		s.n = from
	}
	if j.depth > 0 || j.routine || strings.HasPrefix(name, "@") {
		j.assign(variable(name), j.values(s, 0), false)
	}
}

// selectCall judges functions called for what they do.
func (j *judge) selectCall(s span, line int) {
	n := min(s.n, s.i+12)
	for i := s.i + 1; i+1 < n; i++ {
		if s.st.toks[i].kind != word || !s.isAt(i+1-s.i, "(") {
			continue
		}
		name := span{st: s.st, i: i, n: i + 1}
		if i > s.i+2 && s.isAt(i-1-s.i, ".") {
			name.i = i - 2
		}
		key, _ := name.name()
		j.called(key, line)
		switch strings.ToLower(s.st.str(i)) {
		case "drop_chunks", "lo_unlink", "pg_drop_replication_slot", "master_remove_node", "drop_hypertable":
			j.hit(dropPartition, line, s.raw(i, i+3), "")
		case "add_retention_policy":
			j.hit(dropPartition, line, s.raw(i, i+3), "old rows are removed from now on")
		case "drop_graph", "dblink_exec", "dblink", "exec_sql", "schedule", "schedule_in_database", "query_to_xml":
			j.inner(s)
		}
	}
}
