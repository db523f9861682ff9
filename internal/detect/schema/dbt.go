package schema

import "github.com/gatehold/gatehold/internal/detect/tree"

// Dbt reads the models of dbt whose contracts are enforced: their tables have the
// columns that are written down, and no others. A text that does not parse
// declares nothing.
// https://docs.getdbt.com/reference/resource-configs/contract
func Dbt(body string) *Schema {
	out := New()
	docs, err := tree.ParseYAML(body)
	if err != nil {
		return out
	}
	for _, doc := range docs {
		for _, m := range doc.Get("models").Each() {
			name := m.Get("name").Str()
			enforced := m.Get("config", "contract", "enforced").Str() == "true" ||
				m.Get("contract", "enforced").Str() == "true"
			t := out.Table(name, name, m.At())
			if t.Open = !enforced; enforced {
				dbtColumns(t, m)
			}
		}
	}
	return out
}

func dbtColumns(t *Table, model *tree.Node) {
	for _, n := range model.Get("columns").Each() {
		c := t.Column(n.Get("name").Str(), n.At())
		c.Type = TypeOf(n.Get("data_type").Str())
		c.Filled = true // a model is built anew from its sources
		for _, k := range n.Get("constraints").Each() {
			switch k.Get("type").Str() {
			case "not_null":
				c.Required = true
			case "unique", "primary_key":
				c.Unique = c.Line
			}
		}
	}
}
