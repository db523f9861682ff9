package deed

import (
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for name, want := range map[string]string{
		"DeleteDBClusters": "delete db cluster", "drop_table": "drop table", "Remove-ADUser": "remove ad user", "databases": "database",
		"postgresql-delete": "postgresql delete", "dropCollection": "drop collection", "policies": "policy", "kms": "kms", "db:destroy": "db destroy",
		"": "", "--": "", "indices": "index", "address": "address", "é2Table": "é2 table",
	} {
		if got := strings.Join(Split(name), " "); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	for text, want := range map[string]Deed{
		"database destroy orders":  {Act: Destroys, Worth: Grave, Verb: "destroy", Object: "database", At: 1},
		"delete-collection docs":   {Act: Destroys, Worth: Grave, Verb: "delete", Object: "collection"},
		"db instance delete":       {Act: Destroys, Worth: Some, Verb: "delete", Object: "instance", At: 2},
		"backups purge":            {Act: Destroys, Worth: Way, Verb: "purge", Object: "backup", At: 1},
		"policy mfa disable":       {Act: Stops, Worth: Guard, Verb: "disable", Object: "mfa", At: 2},
		"backup-schedules suspend": {Act: Stops, Worth: Way, Verb: "suspend", Object: "backup", At: 2},
	} {
		if got, ok := Of(Split(text)); !ok || got != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "delete", "database", "delete my own orders database", "disable database", "database create", "remove button"} {
		if got, ok := Of(Split(text)); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestWhole(t *testing.T) {
	if d, ok := Whole(Split("acme wipe")); !ok || d.Verb != "wipe" || d.At != 1 {
		t.Errorf("%+v %v", d, ok)
	}
	if d, ok := Whole(Split("delete x")); ok {
		t.Errorf("%+v", d)
	}
}
