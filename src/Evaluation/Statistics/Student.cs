using MathNet.Numerics.Distributions;

namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>Student's t distribution (1908): intervals of means whose deviation is itself estimated, which matters where clusters are few.</summary>
internal static class Student
{
    /// <summary>Half the width of a 95 % interval in standard errors; 12.7 for one degree of freedom, 1.96 for many.</summary>
    /// <param name="degrees">Degrees of freedom, at least 1.</param>
    public static double Reach95(int degrees) => StudentT.InvCDF(0, 1, degrees, 0.975);
}
