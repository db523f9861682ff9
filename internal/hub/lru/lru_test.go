package lru

import "testing"

// TestACacheIsBounded: what was used longest ago goes first, what does not fit
// pushes nothing out, and what is forgotten is not held on to.
func TestACacheIsBounded(t *testing.T) {
	c := New[int, int](100)
	for i := range 1000 {
		c.Put(i, i, 10)
		c.Get(997)
	}
	if c.cost > 100 || len(c.items) > 10 || c.order.Len() != len(c.items) {
		t.Errorf("a cost of %d in %d values, %d in order", c.cost, len(c.items), c.order.Len())
	}
	if _, had := c.Get(0); had {
		t.Error("the oldest is there")
	}
	if c.Put(1, 1, 101); len(c.items) != 10 {
		t.Error("one that does not fit was kept or pushed others out")
	}
	c.RemoveIf(func(v int) bool { return v != 997 })
	if v, had := c.Get(997); !had || v != 997 || c.cost != 10 || c.order.Len() != 1 {
		t.Errorf("%d, %v at a cost of %d", v, had, c.cost)
	}
}
