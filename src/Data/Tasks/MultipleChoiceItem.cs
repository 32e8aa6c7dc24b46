namespace AdaptiveKv.Data.Tasks;

/// <summary>One question: which ending follows the context? The text scored is context + " " + ending.</summary>
/// <param name="Id">Name of the item in its file; its 0-based number where the format has none.</param>
/// <param name="Context">What all endings share; not empty.</param>
/// <param name="Endings">Two or more, none empty.</param>
/// <param name="Label">Index of the right ending.</param>
public sealed record MultipleChoiceItem(string Id, string Context, string[] Endings, int Label);
