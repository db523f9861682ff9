package sql

// Tables lists what a script does to whole tables: the names that it creates
// or renames to, and the lines on which it drops one that it did not create.
// Statements in a section that goes back are left out.
func Tables(body string) (created map[string]bool, dropped map[string]int) {
	created, dropped = map[string]bool{}, map[string]int{}
	s := splitter{lex: lexer{src: body}, marks: true}
	s.each(func(st *statement) {
		if st.rollback || st.routine || len(dropped) >= maxTables {
			return
		}
		c := span{st: st, n: len(st.toks)}
		switch {
		case c.take("CREATE"):
			for c.takeAny("OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED") {
			}
			if c.take("TABLE") {
				c.ifExists()
				key, _ := c.name()
				created[bare(key)] = true
			}
		case c.take("ALTER", "TABLE"):
			c.ifExists()
			c.name()
			if c.take("RENAME", "TO") {
				key, _ := c.name()
				created[bare(key)] = true
			}
		case c.take("DROP", "TABLE"):
			c.ifExists()
			for c.more() {
				line := c.line()
				key, _ := c.name()
				if key != "" && !created[bare(key)] {
					dropped[bare(key)] = line
				}
				if key == "" || !c.take(",") {
					break
				}
			}
		}
	})
	return created, dropped
}
