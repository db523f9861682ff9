package tool

import (
	"testing"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

func TestGuess(t *testing.T) {
	for text, want := range map[string]string{
		"acmectl database destroy orders --yes":                "unknown-destroys",
		"stackwise db drop --name customers --force":           "unknown-destroys",
		"./bin/admin tenant delete --all --no-confirm":         "unknown-destroys",
		"npx @acme/dbtool wipe --env production --yes":         "unknown-destroys",
		"acmectl account delete shop-prod --yes":               "unknown-destroys",
		"Remove-AcmeTenant -Identity shop -Confirm:$false":     "unknown-destroys",
		"./drop-database.sh --force":                           "unknown-destroys",
		"zonectl dns zone delete acme.com -y --production":     "unknown-destroys",
		"queuectl flush payments --production --yes":           "unknown-destroys",
		"backupd schedule remove nightly --force":              "unknown-destroys",
		"java -jar admin.jar --drop-database --confirm":        "unknown-destroys",
		"Disable-AcmeRecoveryBackupProtection -Force":          "stops-guard",
		"backupd schedule list --force":                        "",
		"java -jar admin.jar --create-database --confirm":      "",
		"acmectl queues delete orders":                         "",
		"acmectl database destroy orders":                      "unknown-deletes",
		"acmectl project delete web --yes":                     "unknown-deletes",
		"acmectl backups disable":                              "stops-guard",
		"idctl mfa disable --org acme --yes":                   "stops-guard",
		"idctl mfa disable --org acme":                         "disable-guard",
		"acmectl database destroy orders --yes --dry-run":      "",
		"acmectl database destroy preview-12 --yes":            "",
		"acmectl database destroy orders-staging --yes":        "",
		"acmectl database create orders --yes":                 "",
		"acmectl update function delete-database --yes":        "",
		"acmectl cache clear --yes":                            "",
		"acmectl run scripts/delete-database.sh --yes":         "",
		"Delete database users --force":                        "",
		"this deletes database backups --force":                "",
		"$TOOL database destroy orders --yes":                  "",
		"kubectl database destroy orders --yes":                "",
		"acmectl -f conf/x.yaml database list":                 "",
		"acmectl wipe --env staging --yes":                     "",
		"acmectl logs --filter delete database prod --all":     "",
		"acmectl deploy production --force --delete database":  "",
		"acmectl database destroy --help":                      "",
		"acmectl database destroy orders --yes --what-if=true": "",
	} {
		read := (&shell.Reader{Programs: Shipped().Knows}).Read(text, 1)
		got := ""
		for i := range read.Commands {
			for _, m := range Shipped().Guess(&read.Commands[i]) {
				got = m.Kind
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
