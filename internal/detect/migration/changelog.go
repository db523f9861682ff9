package migration

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/source"
)

// changelog judges a Liquibase changelog.
func changelog(f *change.File, p source.Path, r *detect.Report) {
	was := entriesBefore(f, p)
	list, err := source.Changes(f.After.Body, p.Ext)
	if err != nil {
		o := detect.Unread(unreadable, err)
		o.Object = f.Path
		r.Add(o)
	}
	made := tablesMade(list)
	fresh := map[string]bool{}
	for _, c := range list {
		table := c.Attrs["tableName"]
		if c.Name == "createTable" && !c.Backward {
			fresh[fold(table)] = true
		}
		if key := entryKey(c); was[key] > 0 {
			was[key]--
			continue
		}
		kind := entryKind(c)
		if kind == nil || fresh[fold(table)] && table != "" || fresh[fold(c.Attrs["baseTableName"])] {
			continue
		}
		if c.Backward || p.Rollback {
			if !destroys(kind) {
				continue
			}
			kind = backwardKind(c, made)
		}
		object := join(table, c.Attrs["columnName"])
		if object == "" {
			object = c.Attrs["oldTableName"] + c.Attrs["viewName"] + c.Attrs["indexName"] + c.Attrs["baseTableName"]
		}
		r.Add(detect.Observation{Kind: kind, Line: c.Line, Object: object, Detail: c.Name})
	}
}

// entriesBefore counts the entries that the changelog had.
func entriesBefore(f *change.File, p source.Path) map[string]int {
	was := map[string]int{}
	if f.Before.State == change.Loaded {
		before, _ := source.Changes(f.Before.Body, p.Ext)
		for _, c := range before {
			was[entryKey(c)]++
		}
	}
	return was
}

// tablesMade are the tables that the changelog creates, on its way forward.
func tablesMade(list []source.Change) map[string]bool {
	made := map[string]bool{}
	for _, c := range list {
		if c.Name == "createTable" && !c.Backward {
			made[fold(c.Attrs["tableName"])] = true
		}
	}
	return made
}

// backwardKind is what a way back is that destroys: it may take more than the way
// forward has made.
func backwardKind(c source.Change, made map[string]bool) *detect.Kind {
	if c.Backward && c.Name == "dropTable" && len(made) > 0 && !made[fold(c.Attrs["tableName"])] {
		return takesMore
	}
	return rollback
}

func entryKey(c source.Change) string {
	var b strings.Builder
	b.WriteString(c.Name)
	for _, k := range [...]string{"tableName", "columnName", "oldTableName", "newDataType", "indexName", "viewName",
		"constraintName", "where", "baseTableName", "oldColumnName"} {
		b.WriteByte(0)
		b.WriteString(c.Attrs[k])
	}
	b.WriteString(c.Text)
	if c.Backward {
		b.WriteByte(1)
	}
	return b.String()
}

// entryKind says what a change type of Liquibase does.
// https://docs.liquibase.com/change-types/home.html
func entryKind(c source.Change) *detect.Kind {
	switch c.Name {
	case "dropTable", "dropAll":
		return dropTable
	case "dropColumn", "mergeColumns":
		return dropColumn
	case "delete":
		if c.Attrs["where"] == "" && strings.TrimSpace(c.Text) == "" {
			return deleteAll
		}
	case "update":
		if c.Attrs["where"] == "" && strings.TrimSpace(c.Text) == "" && c.Attrs["tableName"] != "" {
			return updateAll
		}
	case "modifyDataType":
		return changeType
	case "renameTable", "renameColumn", "renameView", "renameSequence":
		return rename
	case "addNotNullConstraint":
		return notNull
	case "createIndex":
		return addIndex
	case "dropIndex":
		return dropIndex
	case "addForeignKeyConstraint", "addUniqueConstraint", "addPrimaryKey", "addCheckConstraint":
		if !strings.EqualFold(c.Attrs["validate"], "false") {
			return constraint
		}
	case "dropPrimaryKey", "dropView", "dropSequence", "dropProcedure", "dropTrigger", "dropFunction":
		return dropObject
	}
	return nil
}
