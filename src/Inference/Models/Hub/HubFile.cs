namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>What the hub says about a file before it is downloaded.</summary>
/// <param name="Name">Name in its repository.</param>
/// <param name="Address">Where it is downloaded from.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Hash">Hash it must have.</param>
/// <param name="Revision">Commit of the repository; null where the hub does not say.</param>
internal sealed record HubFile(string Name, Uri Address, long Bytes, HubHash Hash, string? Revision);
