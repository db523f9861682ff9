package board

import "testing"

func TestWatchersHearOfTheirGate(t *testing.T) {
	b := boardOf()
	all, stopAll := b.Watch("")
	one, stopOne := b.Watch("pr/1/2")
	told := func(news <-chan struct{}) bool {
		select {
		case <-news:
			return true
		default:
			return false
		}
	}
	for range 3 { // nobody has listened meanwhile: once is enough
		b.notify("pr/1/1")
	}
	if !told(all) || told(all) || told(one) {
		t.Error("the wrong ones were told of pr/1/1")
	}
	b.notify("pr/1/2")
	if !told(all) || !told(one) {
		t.Error("not all were told of pr/1/2")
	}
	stopAll()
	stopOne()
	stopOne()
	b.notify("pr/1/2")
	if told(all) || told(one) || len(b.watchers) != 0 {
		t.Error("those who stopped were told")
	}
}
