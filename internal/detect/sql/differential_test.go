//go:build differential

package sql

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// What psql runs is seen, wherever the text lies.
func TestWhatPsqlRunsIsSeen(t *testing.T) {
	psql := psqlOf(t)
	soup := detecttest.Soup{Canaries: canaries, Pieces: slices.Concat(everywhere, clientOfPsql), Joins: []string{" ", "\n", ";", "\r"}}
	soup.Against(t, 1, 4000, psql, seenAs("psql"))
}

// What the client of MariaDB runs is seen, wherever the text lies.
func TestWhatMariaDBRunsIsSeen(t *testing.T) {
	mariadb := mariadbOf(t)
	here := slices.DeleteFunc(slices.Clone(canaries), func(s string) bool { return strings.Contains(s, "public") || strings.Contains(s, `"`) })
	soup := detecttest.Soup{Canaries: here, Pieces: slices.Concat(everywhere, clientOfMySQL), Joins: []string{" ", "\n", ";", "\r"}}
	soup.Against(t, 1, 2000, mariadb, seenAs("mysql"))
}

// What the shell of SQLite runs is seen, wherever the text lies.
func TestWhatSQLitesShellRunsIsSeen(t *testing.T) {
	var here []string
	for _, c := range canaries {
		if !strings.Contains(c, "public") {
			here = append(here, strings.NewReplacer("IF EXISTS", "", "if exists", "").Replace(c))
		}
	}
	soup := detecttest.Soup{Canaries: here, Pieces: slices.Concat(everywhere, shellOfSQLite), Joins: []string{" ", "\n", ";", "\r"}}
	soup.Against(t, 1, 4000, sqliteShell(t), seenAs("sqlite"))
}

// between separates what a program says of one text from what it says of the next.
const between = "=== the next text ==="

// parts are the canaries in each part of what was said.
func parts(said []byte, separator string, ran *regexp.Regexp, want int) ([]detecttest.Numbers, error) {
	var out []detecttest.Numbers
	for _, part := range strings.Split(string(said), separator) {
		one := detecttest.Numbers{}
		for _, m := range ran.FindAllStringSubmatch(part, -1) {
			n, _ := strconv.Atoi(m[1])
			one[n] = true
		}
		out = append(out, one)
	}
	if len(out) != want+1 {
		return nil, fmt.Errorf("%d texts gave %d parts: %s", want, len(out)-1, said[max(0, len(said)-2000):])
	}
	return out[:want], nil
}

// unprivileged has a command run as somebody who owns nothing but the folder.
func unprivileged(t *testing.T, cmd *exec.Cmd, folder string) {
	t.Helper()
	cmd.Dir, cmd.Env = folder, []string{"PATH=/nonexistent", "HOME=" + folder, "LC_ALL=C.UTF-8", "LANG=C.UTF-8", "PAGER=", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		return
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
}

// folder is one that those who own nothing can reach: t.TempDir lies below one that they cannot.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gh")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// program is where a program lies; Debian keeps some aside.
func program(t *testing.T, patterns ...string) string {
	t.Helper()
	for _, p := range patterns {
		if found, _ := filepath.Glob(p); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	t.Fatalf("none of %v is here: make differential installs it", patterns)
	return ""
}

func run(t *testing.T, dir string, within time.Duration, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	unprivileged(t, cmd, dir)
	cmd.Stdin = bytes.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s was too slow: %s", name, errs.String()[max(0, errs.Len()-2000):])
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return append(errs.Bytes(), out.Bytes()...)
}

// serve starts a server, which ends with the test.
func serve(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	unprivileged(t, cmd, dir)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// await asks until the answer is there.
func await(t *testing.T, what string, asked func() bool) {
	t.Helper()
	end := time.Now().Add(time.Minute)
	for !asked() {
		if time.Now().After(end) {
			t.Fatalf("%s did not come up", what)
		}
	}
}

// psqlOf starts a server of PostgreSQL and gives what has texts run by psql.
func psqlOf(t *testing.T) func([]string) ([]detecttest.Numbers, error) {
	t.Helper()
	dir := folder(t)
	psql, data := program(t, "/usr/lib/postgresql/*/bin/psql"), filepath.Join(dir, "data")
	run(t, dir, time.Minute, nil, program(t, "/usr/lib/postgresql/*/bin/initdb"), "-D", data, "-A", "trust", "-U", "u", "-E", "UTF8", "--no-sync")
	serve(t, dir, program(t, "/usr/lib/postgresql/*/bin/postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "log_min_messages=fatal")
	args := []string{"-X", "-q", "-h", dir, "-U", "u", "-d", "postgres"}
	await(t, "PostgreSQL", func() bool {
		return strings.Contains(string(run(t, dir, time.Minute, nil, psql, append(args, "-c", "CREATE TABLE t(a text)")...)), "already exists")
	})
	next := filepath.Join(dir, "next")
	if err := os.WriteFile(next, []byte("ROLLBACK;\nDISCARD ALL;\n\\set AUTOCOMMIT on\n\\unset a\n\\warn "+between+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ran := regexp.MustCompile(`NOTICE:  (?:table "canary_(\d+)" does not exist, skipping)`)
	return func(texts []string) ([]detecttest.Numbers, error) {
		all := args
		for i, text := range texts {
			name := filepath.Join(dir, strconv.Itoa(i)+".sql")
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				return nil, err
			}
			all = append(all[:len(all):len(all)], "-f", name, "-f", next)
		}
		return parts(run(t, dir, time.Minute, nil, psql, all...), between, ran, len(texts))
	}
}

// mariadbOf starts a server of MariaDB and gives what has texts run by its client.
func mariadbOf(t *testing.T) func([]string) ([]detecttest.Numbers, error) {
	t.Helper()
	dir := folder(t)
	client, data := program(t, "/usr/bin/mariadb", "/usr/local/bin/mariadb"), filepath.Join(dir, "data")
	socket := filepath.Join(dir, "s")
	said := run(t, dir, time.Minute, nil, "/usr/bin/env", "PATH=/usr/bin:/bin:/usr/sbin", program(t, "/usr/bin/mariadb-install-db"), "--no-defaults", "--datadir="+data,
		"--auth-root-authentication-method=normal", "--skip-test-db")
	serve(t, dir, program(t, "/usr/sbin/mariadbd"), "--no-defaults", "--datadir="+data, "--socket="+socket, "--skip-networking", "--pid-file="+filepath.Join(dir, "pid"),
		"--innodb-flush-log-at-trx-commit=0", "--event-scheduler=OFF")
	args := []string{"--no-defaults", "--socket=" + socket, "--user=root", "--force", "--show-warnings", "--batch"}
	await(t, "MariaDB: "+string(said), func() bool {
		return strings.Contains(string(run(t, dir, time.Minute, []byte("CREATE DATABASE test; CREATE TABLE test.t (a text); CREATE TABLE test.t (a int);"),
			client, args...)), "already exists")
	})
	ran := regexp.MustCompile(`Unknown table '(?:test|public)\.canary_(\d+)'`)
	return func(texts []string) ([]detecttest.Numbers, error) {
		var script strings.Builder
		for i, text := range texts {
			name := filepath.Join(dir, strconv.Itoa(i)+".sql")
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				return nil, err
			}
			fmt.Fprintf(&script, "source %s\ndelimiter ;\nROLLBACK; SET sql_mode=DEFAULT; USE test; SELECT '%s';\n", name, between)
		}
		said := run(t, dir, time.Minute, []byte(script.String()), client, append(args[:len(args):len(args)], "--skip-column-names", "test")...)
		out, err := parts(said, "\n"+between, ran, len(texts))
		if err == nil || len(texts) == 1 {
			return out, err
		}
		var one []detecttest.Numbers // a text went to another server, and did not come back
		for i := range texts {
			said := run(t, dir, time.Minute, []byte(texts[i]), client, append(args[:len(args):len(args)], "test")...)
			n, err := parts(append(said, "\n"+between...), "\n"+between, ran, 1)
			if err != nil {
				return nil, err
			}
			one = append(one, n...)
		}
		return one, nil
	}
}

// sqliteShell gives what has texts run by the shell of SQLite.
func sqliteShell(t *testing.T) func([]string) ([]detecttest.Numbers, error) {
	t.Helper()
	dir := folder(t)
	shell := program(t, "/usr/bin/sqlite3")
	ran := regexp.MustCompile(`no such table: canary_(\d+)`)
	return func(texts []string) ([]detecttest.Numbers, error) {
		var script strings.Builder
		for i, text := range texts {
			name := filepath.Join(dir, strconv.Itoa(i)+".sql")
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				return nil, err
			}
			fmt.Fprintf(&script, ".open :memory:\nCREATE TABLE t(a);\n.bail off\n.read %s\nSELECT * FROM between_texts;\n", name)
		}
		return parts(run(t, dir, time.Minute, []byte(script.String()), shell, "-batch", ":memory:"), "no such table: between_texts", ran, len(texts))
	}
}

// clientOfPsql are what psql takes for itself.
var clientOfPsql = []string{"COPY t FROM STDIN;\n", "copy t (a) from stdin with (format csv);\n", "COPY nosuch FROM STDIN;\n", "COPY t FROM STDIN", "\n\\.\n", "\\.\n",
	"\n\\.", "\\.", "a\nb\n", "\n\\. \n", "\n\\.\r\n", "\\gexec", "\\gexec\n", "\\g", "\\g\n", "\\gx\n", "\\gdesc\n", "\\gset\n", "\\crosstabview\n", "\\p\n", "\\r\n", "\\r ",
	"\\p ", "\\echo ", "\\echo '", "\\echo \"\n", "\\if false\n", "\\if true\n", "\\else\n", "\\elif true\n", "\\endif\n", "\\if ", "\\endif ", "\\set a '", "\\set a 1\n",
	"\\set a '\\''\n", "\\set a ;\n", "\\set a \"\n", "\\unset a\n", "\\d\n", "\\x\n", "\\timing\n", "\\a\\t\n", "\\copy t from stdin\n", "\\copy t from stdin", "\\errverbose ",
	"\\nosuch ", "\\nosuch\n", "\\warn ", "\\qecho ", "\\pset format csv\n", "\\encoding ", "\\h ", "\\sf ", "\\if 1\\else ", "\\;", "\\: ", "COPY (SELECT 1) TO STDOUT;\n"}

// clientOfMySQL are what the client of MySQL and MariaDB takes for itself.
var clientOfMySQL = []string{"\\g", "\\g\n", "\\G", "\\G ", "\\p", "\\c", "\\c\n", "\\n", "\\h ", "\\d", "\\d //\n", "\\d ", "\nclear\n", "\nprint\n", "\ngo\n", "\nego\n", "\nnosuch\n",
	"\nhelp\n", "help ", "clear;", "\n?\n", "\nuse a\n", "use test;", "\nDELIMITER $$\n", "\nDELIMITER \\\n", "delimiter", "delimiter;", "DELIMITER\n", "\n delimiter x\n",
	"\n\tDELIMITER x\n", "x\n", "DELIMITER ab\n", "ab", "\nDELIMITER \"\n", "DELIMITER -- \n", "\nDELIMITER /*\n", "SET sql_mode='ANSI_QUOTES';",
	"SET sql_mode='NO_BACKSLASH_ESCAPES';", "SET sql_mode='';", "SELECT \"a\";", "SELECT `a`;", "/*!50001 SELECT 1 */;", "/*! SELECT 1 ;*/", "/*!100100 ", "/*!110000 ", "/*!50701 ",
	"*/ ;", "BEGIN NOT ATOMIC ", "CREATE PROCEDURE p() BEGIN ", "CREATE OR REPLACE PROCEDURE p() ", "END//", "END $$"}
