package fakehub

func (h *Hub) graphql(c *call) answer { return notFound() }
