namespace AdaptiveKv.Files;

/// <summary>Another process works on the same files now; the same command can be tried again.</summary>
public sealed class LockHeldException(string message) : IOException(message);
