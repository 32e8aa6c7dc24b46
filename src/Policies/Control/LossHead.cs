namespace AdaptiveKv.Policies.Control;

/// <summary>From the logarithm of what a tier loses to the logit of choosing it.</summary>
public static class LossHead
{
    /// <summary>Larger numbers count as this one: e^30 times any weight is still a finite float, and no loss is near it.</summary>
    public const double Most = 30;

    /// <summary>-(lambda * e^z + cost).</summary>
    /// <param name="z">ln of the predicted loss.</param>
    /// <param name="lambda">Weight of the loss.</param>
    /// <param name="cost">Weighted cost of the tier.</param>
    public static double Logit(double z, double lambda, double cost) => -((lambda * Math.Exp(Math.Min(z, Most))) + cost);
}
