package lru

import "container/list"

// Cache is a map of bounded cost that forgets what was used longest ago. The
// caller locks.
type Cache[K comparable, V any] struct {
	max, cost int
	order     *list.List // of *lruItem, the newest first
	items     map[K]*list.Element
}

type lruItem[K comparable, V any] struct {
	key   K
	value V
	cost  int
}

func New[K comparable, V any](max int) *Cache[K, V] {
	return &Cache[K, V]{max: max, order: list.New(), items: map[K]*list.Element{}}
}

func (l *Cache[K, V]) Get(key K) (V, bool) {
	e, ok := l.items[key]
	if !ok {
		var none V
		return none, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*lruItem[K, V]).value, true
}

func (l *Cache[K, V]) Put(key K, value V, cost int) {
	l.Remove(key)
	if cost > l.max {
		return
	}
	l.items[key] = l.order.PushFront(&lruItem[K, V]{key, value, cost})
	l.cost += cost
	for l.cost > l.max {
		l.Remove(l.order.Back().Value.(*lruItem[K, V]).key)
	}
}

func (l *Cache[K, V]) Remove(key K) {
	e, ok := l.items[key]
	if !ok {
		return
	}
	l.cost -= e.Value.(*lruItem[K, V]).cost
	l.order.Remove(e)
	delete(l.items, key)
}

// RemoveIf forgets what a test says yes to.
func (l *Cache[K, V]) RemoveIf(is func(V) bool) {
	for key, e := range l.items {
		if is(e.Value.(*lruItem[K, V]).value) {
			l.Remove(key)
		}
	}
}
