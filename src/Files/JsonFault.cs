namespace AdaptiveKv.Files;

/// <summary>What is wrong with a JSON text, and where.</summary>
/// <param name="Offset">Byte in the text.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Member">Names and places from the root, joined by dots; empty where the fault is not one member's.</param>
/// <param name="Problem">The fault.</param>
public sealed record JsonFault(long Offset, int Line, string Member, string Problem)
{
    /// <summary>"line 3: member 'static-4.acc': occurs twice, first in line 1".</summary>
    public override string ToString() => Member.Length == 0 ? $"line {Line}: {Problem}" : $"line {Line}: member '{Member}': {Problem}";
}
