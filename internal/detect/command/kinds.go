package command

// kinds lists all that this detector reports.
func kinds() []*kind {
	return []*kind{
		kindDeleteRoot, kindDeleteTree, kindDeleteData, kindDeleteVariable,
		kindDeleteOld, kindWipe, kindDropDatabase, kindDropTable,
		kindReset, kindResetProduction, kindThrowaway, kindFlush,
		kindOverwrite, kindResetWAL, kindVault, kindClusterData,
		kindClusterDelete, kindScaleZero, kindMinor, kindDestroy,
		kindUnattended, kindStateRemoved, kindCloudData, kindCloudDelete,
		kindSyncDelete, kindAdmin, kindVolumes, kindVolumesDown,
		kindHostContainer, kindRewrite, kindForcePush, kindRepoDelete,
		kindGitHub, kindPipeToShell, kindKnownInstaller, kindReverseShell,
		kindExfiltrate, kindWorldWritable, kindWorldWritableFile, kindSetuid,
		kindGuard, kindInTest, kindUnreadable,
	}
}
