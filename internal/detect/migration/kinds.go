package migration

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/schema"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("migration", files)

var (
	dropTable     = shipped.Of("drop-table")
	dropColumn    = shipped.Of("drop-column")
	unknownDrop   = shipped.Of("unknown-drop")
	truncate      = shipped.Of("truncate")
	deleteAll     = shipped.Of("delete-all")
	updateAll     = shipped.Of("update-all")
	changeType    = shipped.Of("change-type")
	modelGone     = shipped.Of("schema-table-gone")
	fieldGone     = shipped.Of("schema-column-gone")
	typeDiffers   = shipped.Of("schema-type-changed")
	valueGone     = shipped.Of("schema-value-gone")
	mustBeGiven   = shipped.Of("schema-column-required")
	mustDiffer    = shipped.Of("schema-unique")
	indexGone     = shipped.Of("schema-index-gone")
	otherProduct  = shipped.Of("schema-product-changed")
	takesBack     = shipped.Of("takes-back")
	elsewhere     = shipped.Of("elsewhere")
	overwrites    = shipped.Of("overwrites")
	deleteRows    = shipped.Of("delete-rows")
	edited        = shipped.Of("edited")
	removed       = shipped.Of("removed")
	irreversible  = shipped.Of("irreversible")
	rollback      = shipped.Of("rollback-drops")
	takesMore     = shipped.Of("rollback-takes-more")
	opaque        = shipped.Of("opaque")
	unreadable    = shipped.Of("unreadable")
	notNull       = shipped.Of("set-not-null")
	required      = shipped.Of("add-required-column")
	rewrite       = shipped.Of("rewrite-table")
	addIndex      = shipped.Of("add-index")
	dropIndex     = shipped.Of("drop-index")
	replaceIndex  = shipped.Of("replace-index")
	constraint    = shipped.Of("add-constraint")
	validateHere  = shipped.Of("validate-at-once")
	lock          = shipped.Of("lock-table")
	rename        = shipped.Of("rename")
	changeDefault = shipped.Of("change-default")
	widenType     = shipped.Of("widen-type")
	addJSON       = shipped.Of("add-json")
	inherits      = shipped.Of("inheritance-column")
	shortKey      = shipped.Of("short-key")
	dropObject    = shipped.Of("drop-object")
)

// differs are the kinds of what declared schemas differ in.
var differs = map[schema.What]*detect.Kind{
	schema.TableGone: modelGone, schema.ColumnGone: fieldGone, schema.TypeChanged: typeDiffers, schema.ValueGone: valueGone,
	schema.MustBeGiven: mustBeGiven, schema.MustDiffer: mustDiffer, schema.IndexGone: indexGone, schema.OtherProduct: otherProduct,
}

func destroys(k *detect.Kind) bool {
	switch k {
	case dropTable, dropColumn, truncate, deleteAll, updateAll, changeType:
		return true
	}
	return false
}
