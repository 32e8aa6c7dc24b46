namespace AdaptiveKv.Pipeline.Stages;

/// <summary>What a parameter's value, or each element of its list, is.</summary>
public enum ParamType
{
    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>A finite number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>Text, which may be empty.</summary>
    Text,
}
