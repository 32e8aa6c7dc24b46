namespace AdaptiveKv.Policies;

/// <summary>Keeps the newest tokens at the staging width and encodes each one that many steps late.</summary>
/// <param name="inner">Decides what follows.</param>
/// <param name="recent">Number of tokens.</param>
internal sealed class RecentPolicy(PrecisionPolicy inner, int recent) : PolicyModifier(inner, $"recent{recent}")
{
    public override int Recent => Math.Max(recent, base.Recent);
}
