package rulesfile

import (
	"testing"
)

func TestPacksParse(t *testing.T) {
	if len(PackNames()) < 18 {
		t.Fatalf("only %d packs: %v", len(PackNames()), PackNames())
	}
	for _, name := range PackNames() {
		f, err := Pack(name)
		if err != nil {
			t.Errorf("pack %s:\n%v", name, err)
			continue
		}
		for _, r := range f.Rules {
			if len(r.Controls) == 0 {
				t.Errorf("pack %s: rule %s names no control", name, r.ID)
			}
			if r.Detect == nil && r.Why == "" {
				t.Errorf("pack %s: rule %s does not say why", name, r.ID)
			}
		}
	}
}

// BenchmarkParsePacks is what the first judgement of a process pays.
func BenchmarkParsePacks(b *testing.B) {
	for b.Loop() {
		for _, name := range PackNames() {
			if _, err := readPack(name); err != nil {
				b.Fatal(err)
			}
		}
	}
}
