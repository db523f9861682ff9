package schema

import "github.com/gatehold/gatehold/internal/detect/tree"

// BigQuery reads the columns of a table of BigQuery from a file of JSON, named
// like the table. A text of another sort declares nothing.
// https://cloud.google.com/bigquery/docs/schemas#specifying_a_json_schema_file
func BigQuery(name, body string) *Schema {
	out := New()
	root, err := tree.ParseJSON(body)
	if err != nil || !root.IsList() || len(root.Items) == 0 {
		return out
	}
	for _, n := range root.Items {
		if n.Get("name").Str() == "" || !bigQueryTypes[n.Get("type").Str()] {
			return out
		}
	}
	bigQueryColumns(out.Table(name, name, 1), "", root, 0)
	return out
}

// bigQueryTypes are the types as a schema says them.
var bigQueryTypes = map[string]bool{"STRING": true, "BYTES": true, "INTEGER": true, "INT64": true, "FLOAT": true, "FLOAT64": true,
	"NUMERIC": true, "BIGNUMERIC": true, "BOOLEAN": true, "BOOL": true, "TIMESTAMP": true, "DATE": true, "TIME": true, "DATETIME": true,
	"GEOGRAPHY": true, "JSON": true, "RECORD": true, "STRUCT": true, "RANGE": true, "INTERVAL": true}

func bigQueryColumns(t *Table, above string, list *tree.Node, depth int) {
	for _, n := range list.Each() {
		name := above + n.Get("name").Str()
		c := t.Column(name, n.At())
		c.Type = TypeOf(n.Get("type").Str())
		c.Filled = true
		if depth < 15 {
			bigQueryColumns(t, name+".", n.Get("fields"), depth+1)
		}
	}
}
