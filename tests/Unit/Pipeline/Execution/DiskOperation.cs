namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>What a process did to a file or folder.</summary>
/// <param name="Verb">create, truncate, write, fsync, rename, unlink or mkdir.</param>
/// <param name="Path">Of what.</param>
/// <param name="Other">The new name, the new length, or place and bytes ("67:3a0b").</param>
internal sealed record DiskOperation(string Verb, string Path, string Other);
