namespace AdaptiveKv.Inference.Templates;

/// <summary>A turn of a conversation.</summary>
/// <param name="Role">Who speaks: "system", "user" or "assistant"; templates may know others.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage(string Role, string Content);
