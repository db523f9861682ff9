package hub

import "container/list"

// lru is a map of bounded cost that forgets what was used longest ago. The
// caller locks.
type lru[K comparable, V any] struct {
	max, cost int
	order     *list.List // of *lruItem, the newest first
	items     map[K]*list.Element
}

type lruItem[K comparable, V any] struct {
	key   K
	value V
	cost  int
}

func newLRU[K comparable, V any](max int) *lru[K, V] {
	return &lru[K, V]{max: max, order: list.New(), items: map[K]*list.Element{}}
}

func (l *lru[K, V]) get(key K) (V, bool) {
	e, ok := l.items[key]
	if !ok {
		var none V
		return none, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*lruItem[K, V]).value, true
}

func (l *lru[K, V]) put(key K, value V, cost int) {
	l.remove(key)
	if cost > l.max {
		return
	}
	l.items[key] = l.order.PushFront(&lruItem[K, V]{key, value, cost})
	l.cost += cost
	for l.cost > l.max {
		l.remove(l.order.Back().Value.(*lruItem[K, V]).key)
	}
}

func (l *lru[K, V]) remove(key K) {
	e, ok := l.items[key]
	if !ok {
		return
	}
	l.cost -= e.Value.(*lruItem[K, V]).cost
	l.order.Remove(e)
	delete(l.items, key)
}
