namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>How far the download of a file is.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="DoneBytes">Bytes on the disk, those of an earlier attempt included.</param>
/// <param name="TotalBytes">Bytes of the file.</param>
/// <param name="BytesPerSecond">Rate of this attempt.</param>
public readonly record struct DownloadProgress(string File, long DoneBytes, long TotalBytes, double BytesPerSecond);
