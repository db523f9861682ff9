package policy

import "testing"

func TestPacksParse(t *testing.T) {
	if len(packNames()) < 18 {
		t.Fatalf("only %d packs: %v", len(packNames()), packNames())
	}
	for _, name := range packNames() {
		f, err := pack(name)
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
