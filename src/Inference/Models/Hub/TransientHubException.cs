namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>The hub or the way to it failed in a manner that may pass: no connection, a cut one, a server too busy.</summary>
internal sealed class TransientHubException(string message, Exception? cause = null) : IOException(message, cause);
