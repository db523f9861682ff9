package sql

import (
	"embed"

	"github.com/gatehold/gatehold/internal/detect"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("sql", files)

var (
	dropDatabase    = shipped.Of("drop-database")
	dropSchema      = shipped.Of("drop-schema")
	dropTable       = shipped.Of("drop-table")
	replaceTable    = shipped.Of("replace-table")
	dropColumn      = shipped.Of("drop-column")
	dropPartition   = shipped.Of("drop-partition")
	dropCascade     = shipped.Of("drop-cascade")
	truncate        = shipped.Of("truncate")
	deleteAll       = shipped.Of("delete-all")
	updateAll       = shipped.Of("update-all")
	changeType      = shipped.Of("change-type")
	unlogged        = shipped.Of("unlogged")
	rebuildTable    = shipped.Of("rebuild-table")
	dumpDrop        = shipped.Of("dump-drop")
	backfill        = shipped.Of("backfill-all")
	routineDestroys = shipped.Of("routine-destroys")
	rollbackDrops   = shipped.Of("rollback-drops")
	rollbackDeletes = shipped.Of("rollback-deletes")
	inTest          = shipped.Of("in-test")
	addIndex        = shipped.Of("add-index")
	dropIndex       = shipped.Of("drop-index")
	dropIndexOnline = shipped.Of("drop-index-online")
	addConstraint   = shipped.Of("add-constraint")
	validateHere    = shipped.Of("validate-at-once")
	setNotNull      = shipped.Of("set-not-null")
	addRequired     = shipped.Of("add-required-column")
	rewrite         = shipped.Of("rewrite-table")
	lockTable       = shipped.Of("lock-table")
	dropKey         = shipped.Of("drop-primary-key")
	rename          = shipped.Of("rename")
	dropNotNull     = shipped.Of("drop-not-null")
	addJSON         = shipped.Of("add-json")
	dropView        = shipped.Of("drop-view")
	dropObject      = shipped.Of("drop-object")
	dropRoutine     = shipped.Of("drop-routine")
	dropConstraint  = shipped.Of("drop-constraint")
	unread          = shipped.Of("unreadable")
	disableRLS      = shipped.Of("disable-row-security")
	dropPolicy      = shipped.Of("drop-policy")
	replacePolicy   = shipped.Of("change-policy")
	openPolicy      = shipped.Of("open-policy")
	signedIn        = shipped.Of("signed-in-policy")
	fullRefresh     = shipped.Of("full-refresh")
	disableTrigger  = shipped.Of("disable-trigger")
	grant           = shipped.Of("grant")
	grantWide       = shipped.Of("grant-wide")
	superuser       = shipped.Of("superuser")
	dropRole        = shipped.Of("drop-role")
	owner           = shipped.Of("change-owner")
	definer         = shipped.Of("security-definer")
	dynamic         = shipped.Of("dynamic")
	elsewhere       = shipped.Of("elsewhere")
	catalogue       = shipped.Of("catalogue")
	retention       = shipped.Of("retention")
	runsCommand     = shipped.Of("runs-command")
	sentOut         = shipped.Of("sent-out")
	untrusted       = shipped.Of("untrusted-code")
	serverSetting   = shipped.Of("server-setting")
)

// softer is what a kind becomes in a rollback, nil if it stays what it is.
func softer(k *detect.Kind) *detect.Kind {
	switch k {
	case dropTable, dropColumn, dropPartition, dropSchema, dropCascade, changeType, dumpDrop, rebuildTable, replaceTable:
		return rollbackDrops
	case truncate, deleteAll, updateAll:
		return rollbackDeletes
	}
	return nil
}

// destroys says whether a routine that does this deserves a word.
func destroys(k *detect.Kind) bool {
	switch k {
	case dropDatabase, dropSchema, dropTable, dropPartition, truncate, deleteAll:
		return true
	}
	return false
}

// privilege says whether a kind is as bad on the way back, or in a routine.
func privilege(k *detect.Kind) bool {
	switch k {
	case dropDatabase, grantWide, superuser, disableRLS, runsCommand, definer, serverSetting, elsewhere, catalogue:
		return true
	}
	return false
}
