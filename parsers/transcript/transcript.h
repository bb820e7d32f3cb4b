// SPDX-License-Identifier: Apache-2.0
// Transcripts of PowerShell, versions 1 to 7, in any language: what Start-Transcript and the policy
// "Turn on PowerShell Transcription" write.
//
// Source: PowerShell/PowerShell, engine/hostifaces/MshHostUserInterface.cs and
// resources/InternalHostUserInterfaceStrings.resx, and transcripts of Windows PowerShell 5.1.
#pragma once

#include "parsers/parser.h"

namespace hctail::transcript {

extern const ParserSpec kTranscript;

}  // namespace hctail::transcript
