package board

// watcher is told when something that it looks at is shown anew.
type watcher struct {
	stream string // empty: any gate
	news   chan struct{}
}

// Watch tells, by a word that is overwritten and never waited for, that a gate is
// shown anew; an empty stream is any gate. Call stop when nobody looks any more.
func (b *Board) Watch(stream string) (news <-chan struct{}, stop func()) {
	w := &watcher{stream: stream, news: make(chan struct{}, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[w] = struct{}{}
	return w.news, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, w)
	}
}

// notify tells the watchers of a gate. The caller locks.
func (b *Board) notify(stream string) {
	for w := range b.watchers {
		if w.stream == "" || w.stream == stream {
			select {
			case w.news <- struct{}{}:
			default:
			}
		}
	}
}
