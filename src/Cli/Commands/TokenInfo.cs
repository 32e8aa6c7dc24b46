namespace AdaptiveKv.Cli.Commands;

/// <summary>A token of a vocabulary.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">As the vocabulary spells it.</param>
internal sealed record TokenInfo(int Id, string Text);
