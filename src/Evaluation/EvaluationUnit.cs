using System.Text.Json.Serialization;

namespace AdaptiveKv.Evaluation;

/// <summary>What is scored of an item.</summary>
[JsonConverter(typeof(EnumName<EvaluationUnit>))]
public enum EvaluationUnit
{
    /// <summary>Every ending after the context: accuracy.</summary>
    Endings,

    /// <summary>Context and right ending, or a window of a text, as one text: perplexity, and the divergence of every prediction.</summary>
    Text,
}
