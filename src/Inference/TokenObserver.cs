namespace AdaptiveKv.Inference;

/// <summary>Sees a token that a session has just run.</summary>
/// <param name="row">Row of the session's last call.</param>
/// <param name="position">Position of the token.</param>
/// <param name="token">Its id.</param>
/// <param name="logits">[vocabulary] after it.</param>
public delegate void TokenObserver(int row, int position, int token, ReadOnlySpan<float> logits);
